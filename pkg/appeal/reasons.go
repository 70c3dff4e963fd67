package appeal

// Why a signature is held, or invalid. The keys are stored, and each has its
// words in the catalogues as reason.<key>: never change one.
const (
	ReasonUnproven = "unproven" // sent without the proof of work that was asked for
	ReasonQuick    = "quick"    // confirmed sooner after its mail than a person can
	ReasonRange    = "range"    // more from one address range than is counted unseen
	ReasonDomain   = "domain"   // the same of one mail domain
	ReasonPartner  = "partner"  // the same through one partner
	ReasonCountry  = "country"  // more from a country than its people make likely
	ReasonAlike    = "alike"    // of a group that looks made by a machine
	ReasonNames    = "names"    // of a group whose names look copied from a list
	ReasonStaff    = "staff"    // staff looked, and had another reason
)

// Reasons are all of them, in the order in which pages list them.
func Reasons() []string {
	return []string{ReasonUnproven, ReasonQuick, ReasonRange, ReasonDomain, ReasonPartner, ReasonCountry, ReasonAlike, ReasonNames, ReasonStaff}
}
