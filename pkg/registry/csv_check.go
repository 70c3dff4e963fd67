package registry

import (
	"strings"

	"gorm.io/gorm"

	"olivebranch/pkg/fault"
)

// alreadyThere finds lines that are of one organization, or of one that is a
// partner: the same name on the same host, or the same slug.
func alreadyThere(tx *gorm.DB, lines []incoming) ([]LineFault, error) {
	var old []struct{ NameFolded, WebsiteHost string }
	if err := tx.Model(&Partner{}).Select("name_folded, website_host").Find(&old).Error; err != nil {
		return nil, err
	}
	seen := make(map[string]int, len(old)+2*len(lines)) // line, 0 for a partner
	for _, o := range old {
		seen["name "+o.NameFolded+"\n"+o.WebsiteHost] = 0
	}
	var faults []LineFault
	for _, l := range lines {
		keys := []string{"name " + l.partner.NameFolded + "\n" + l.partner.WebsiteHost}
		if l.slug != "" {
			keys = append(keys, "slug "+l.slug)
		}
		for _, key := range keys {
			column, _, _ := strings.Cut(key, " ")
			before, known := seen[key]
			switch {
			case !known:
				seen[key] = l.line
			case before == 0:
				faults = append(faults, LineFault{l.line, column, fault.New(fault.Invalid, "import.exists")})
			default:
				faults = append(faults, LineFault{l.line, column, fault.New(fault.Invalid, "import.line_twice", "Line", before)})
			}
		}
	}
	return faults, nil
}
