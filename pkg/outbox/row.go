package outbox

import (
	"encoding/json"
	"fmt"
	"strings"

	"olivebranch/pkg/address"
	"olivebranch/pkg/seal"
)

// State is what became of a mail. It is stored.
type State string

// The states. A mail that waits may have been tried already; one that failed
// is given up.
const (
	Waiting State = "waiting"
	Sent    State = "sent"
	Failed  State = "failed"
)

// Row is a mail in the outbox. Times are Unix milliseconds. While LeaseUntil
// is in the future somebody is sending it; its value tells two claims of the
// same row apart.
type Row struct {
	ID           int64
	Kind         Kind
	Lang         string
	State        State
	Urgency      int64
	NotBefore    int64
	RecipientKey []byte
	DomainKey    []byte // of the recipient; NULL in rows of an older program
	Envelope     []byte // sealed, see Open; NULL once sent or failed
	Tries        int64
	LeaseUntil   int64
	LastError    string
	CreatedAt    int64 `gorm:"autoCreateTime:false"`
	DoneAt       int64
}

// TableName is for GORM.
func (Row) TableName() string { return "outbox" }

const envelopeColumn = "outbox.envelope"

// SealedColumns lists the sealed columns of this package's tables.
func SealedColumns() []seal.Column {
	return []seal.Column{{Table: "outbox", Name: "envelope", Binding: envelopeColumn}, {Table: "mail_domains", Name: "name", Binding: domainColumn}}
}

// Envelope is what is personal in a mail; its fields are those of Mail. Due
// is when it was first to be sent, Unix milliseconds.
type Envelope struct {
	To     string            `json:"to"`
	Args   map[string]string `json:"args,omitempty"`
	Action string            `json:"action,omitempty"`
	Manage string            `json:"manage,omitempty"`
	Due    int64             `json:"due"`
}

// Open unseals the envelope of a row that waits. An error means that it was
// sealed for another row or with a key we do not have.
func (r Row) Open(keys *seal.Keys) (Envelope, error) {
	var e Envelope
	plain, err := keys.Open(envelopeColumn, r.ID, r.Envelope)
	if err == nil {
		err = json.Unmarshal(plain, &e)
	}
	if err != nil {
		return e, fmt.Errorf("open the envelope of a mail: %w", err)
	}
	return e, nil
}

// MaskedTo is the recipient as it may stand in a log.
func (e Envelope) MaskedTo() string { return masked(e.To) }

// masked is an address as it may stand in a log.
func masked(to string) string {
	m, err := address.ParseMail(to)
	if err != nil {
		return "…"
	}
	return m.Masked()
}

// DomainOf is the domain of an address as the outbox holds it.
func DomainOf(to string) string { return to[strings.LastIndexByte(to, '@')+1:] }
