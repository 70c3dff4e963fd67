package store

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"
)

// Topic names something that running copies keep in memory and must read
// again when somebody else changed it.
type Topic string

// The topics. Each has one row in the table changes.
const (
	TopicTally    Topic = "tally"
	TopicRegister Topic = "register"
	TopicAppeal   Topic = "appeal"
	TopicMessages Topic = "messages"
	TopicPhrases  Topic = "phrases"
	TopicDesigns  Topic = "designs"
	TopicScrutiny Topic = "scrutiny" // limits and holds
)

// Change is a row of the change counter: how often the topic changed, and when
// it last did (Unix milliseconds).
type Change struct {
	Topic Topic
	N     int64
	At    int64
}

// Bump raises the counter of a topic inside the transaction that changed it
// and returns the new value. Call it last: on PostgreSQL it serialises the
// commits that touch the topic, so that the values follow commit order.
func Bump(tx *gorm.DB, topic Topic) (Change, error) {
	c := Change{Topic: topic, At: tx.NowFunc().UnixMilli()}
	err := tx.Raw("INSERT INTO changes (topic, n, at) VALUES (?, 1, ?) ON CONFLICT (topic) DO UPDATE SET n = changes.n + 1, at = excluded.at RETURNING n", topic, c.At).Scan(&c.N).Error
	if err != nil {
		return Change{}, fmt.Errorf("raise the change counter of %s: %w", topic, err)
	}
	return c, nil
}

// Changed reads the counter of a topic; zero when nothing ever changed.
func Changed(db *gorm.DB, topic Topic) (Change, error) {
	c := Change{Topic: topic}
	if err := db.Raw("SELECT n, at FROM changes WHERE topic = ?", topic).Scan(&c).Error; err != nil {
		return Change{}, fmt.Errorf("read the change counter of %s: %w", topic, err)
	}
	return c, nil
}

// Changes reads all counters.
func (s *Store) Changes(ctx context.Context) (map[Topic]int64, error) {
	var rows []Change
	if err := s.Read(ctx).Table("changes").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the change counters: %w", err)
	}
	out := make(map[Topic]int64, len(rows))
	for _, r := range rows {
		out[r.Topic] = r.N
	}
	return out, nil
}

// Values writes the placeholders of an INSERT of so many rows and columns:
// "(?,?),(?,?)".
func Values(rows, columns int) string {
	row := "(" + strings.Repeat("?,", columns-1) + "?)"
	return strings.Repeat(row+",", rows-1) + row
}
