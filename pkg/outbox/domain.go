package outbox

import (
	"fmt"

	"olivebranch/pkg/seal"
)

// NameFrom is from how many people on, who asked for a confirmation at a
// domain, its name is kept. Below it only a keyed hash is, since the domain of
// a family says who signed.
const NameFrom = 10

// Domain is a domain that mail is sent to.
type Domain struct {
	ID        int64
	DomainKey []byte
	Name      []byte // sealed; NULL while fewer than NameFrom asked there
	Asked     int64  // sign requests whose first mail was taken
	Points    int64  // of trouble since a mail was taken
	Level     int64  // how often mail was held back since then
	Until     int64  // no mail goes there before, Unix milliseconds
}

// TableName is for GORM.
func (Domain) TableName() string { return "mail_domains" }

const domainColumn = "mail_domains.name"

// SealName seals the name of a domain for its row.
func SealName(keys *seal.Keys, id int64, name string) []byte {
	return keys.Seal(domainColumn, id, []byte(name))
}

// Open unseals the name; "" when it is not kept.
func (d Domain) Open(keys *seal.Keys) (string, error) {
	plain, err := keys.Open(domainColumn, d.ID, d.Name)
	if err != nil {
		return "", fmt.Errorf("open the name of a domain: %w", err)
	}
	return string(plain), nil
}
