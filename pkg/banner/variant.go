package banner

// Variant says whose banner it is.
type Variant uint8

// The variants. Ended is for after the campaign's end, whoever's the banner was.
const (
	OfPartner  Variant = iota // with a partner's name
	WithLine                  // with the partner's own line too
	OfCampaign                // the campaign's own, without a partner
	Ended                     // thanks instead of a button
	variants
)

// NumVariants is how many there are.
const NumVariants = int(variants)

// Named says whether the banner has a partner's name.
func (v Variant) Named() bool { return v == OfPartner || v == WithLine }
