// Package outbox takes mails in. A domain puts a Mail into the outbox in the
// transaction of what caused it, so that a mail exists if and only if its
// cause does. It knows which kinds of mail there are, seals what is personal
// in them, and keeps what anybody can have sent to an address within bounds.
//
// It leaves to the domains when there is something to send, and to package
// mailer what a mail says, and taking it out again; so a domain that writes
// to people reaches no template and no catalogue.
package outbox

import (
	"maps"
	"slices"
)

// Kind says what a mail is about. The messages of a kind are
// mail.<kind>.subject, mail.<kind>.body (paragraphs with a blank line
// between) and mail.<kind>.action (the button).
type Kind string

// The kinds. They are stored: never change one.
const (
	// SignConfirm asks whether somebody really signed. Args: Name, Code, Days.
	SignConfirm Kind = "sign_confirm"
	// SignReminder asks once more. Args: Name, Code.
	SignReminder Kind = "sign_reminder"
	// SignLink has the link to the page of a signature, for who has lost it. Args: Name.
	SignLink Kind = "sign_link"
	// ApplicationConfirm asks an applicant to confirm the address. Args: Name.
	ApplicationConfirm Kind = "application_confirm"
	// ApplicationReceived tells that staff now have the application. Args: Name, Reference.
	ApplicationReceived Kind = "application_received"
	// ApplicationApproved welcomes a partner. Args: Name, Organization, Reference, Words.
	ApplicationApproved Kind = "application_approved"
	// ApplicationDeclined says no, and why. Args: Name, Organization, Reference, Words, and as
	// Reason a key of registry.Phrases, put into the reader's language.
	ApplicationDeclined Kind = "application_declined"
	// ApplicationInReview tells that somebody reads the application. Args: Name, Organization, Reference.
	ApplicationInReview Kind = "application_in_review"
	// ApplicationNeedsInfo asks the applicant. Args: Name, Organization, Reference, Words, and as
	// Questions keys of registry.Phrases, with commas between.
	ApplicationNeedsInfo Kind = "application_needs_info"
	// ApplicationMerged tells that two applications are handled as one, ApplicationUnmerged that they
	// are not any more. Args: Name, Organization, Reference, and as Other the reference of the
	// application that stands, or stood, for both.
	ApplicationMerged   Kind = "application_merged"
	ApplicationUnmerged Kind = "application_unmerged"
	// PortalLink signs a representative in. Args: Name.
	PortalLink Kind = "portal_link"
	// ApplicationDraft has the link to a form half filled. Args: none, for no
	// name is checked yet.
	ApplicationDraft Kind = "application_draft"
	// ApplicationReminder asks once more to confirm the address. Args: Name, Reference.
	ApplicationReminder Kind = "application_reminder"
	// ApplicationWithdrawn tells that an application was taken back. Args: Name, Reference.
	ApplicationWithdrawn Kind = "application_withdrawn"
	// SpeakerConfirm asks somebody whether they speak for an organization. Args: Name, Reference.
	SpeakerConfirm Kind = "speaker_confirm"
	// StaffInvitation asks somebody to join the staff.
	StaffInvitation Kind = "staff_invitation"
	// StaffLocked tells the owner of a staff account that it is locked. Args: Name.
	StaffLocked Kind = "staff_locked"
	// VouchRequest asks a partner whether it knows an applicant. Args: Name, Organization.
	VouchRequest Kind = "vouch_request"
	// PortalInvited lets somebody more act for a partner. Args: Name, Organization.
	PortalInvited Kind = "portal_invited"
	// PartnerActive and the three after it tell who acts for a partner where it stands now. Args:
	// Name, Organization, Words, WordsLang.
	PartnerActive    Kind = "partner_active"
	PartnerPaused    Kind = "partner_paused"
	PartnerSuspended Kind = "partner_suspended"
	PartnerLeft      Kind = "partner_left"
	// ChangePublished and ChangeRefused tell what became of a change a partner wanted. Args: Name,
	// Organization, Words, WordsLang.
	ChangePublished Kind = "change_published"
	ChangeRefused   Kind = "change_refused"
	// PartnerMerged tells who acts for a partner that another one, Partner, stands for it from now on;
	// PartnerJoined tells the people of that one; PartnerUnmerged tells both that it is over. Args:
	// Name, Organization, Partner.
	PartnerMerged   Kind = "partner_merged"
	PartnerJoined   Kind = "partner_joined"
	PartnerUnmerged Kind = "partner_unmerged"
	// BannerMissed tells who acts for a partner that its banner is not seen any more. Args: Name, Organization.
	BannerMissed Kind = "banner_missed"
)

// Mail is one mail before it is rendered.
type Mail struct {
	Kind Kind
	Lang string
	// To is the address as address.Mail's String gives it.
	To string
	// ToKey is the recipient's key: seal.Keys.MailKey(0, folded address).
	ToKey []byte
	// Args are the words for placeholders, those named beside the kind; what
	// a kind does not name is left out of the mail. Campaign is always there.
	// Words, and they alone, may have several lines; WordsLang beside them is
	// the language they are in, whatever that of the mail.
	Args map[string]string
	// Action is the path of the one link to follow, such as /ko/confirm/…;
	// "" for a mail that only tells something.
	Action string
	// Manage is the path of the page where the reader sees, erases or
	// withdraws; "" if there is none.
	Manage string
	// Unconfirmed says that nobody has shown yet that the address is the
	// reader's: whatever its kind, the mail then counts among those that
	// anybody can have sent there, and is left out when these are too many.
	Unconfirmed bool
	// NotBefore is when to send it, in Unix milliseconds; 0: now.
	NotBefore int64
}

// The placeholders, as Mail.Args names them.
const (
	ArgName         = "Name"
	ArgCode         = "Code"
	ArgDays         = "Days" // a whole number; the mail has it in words
	ArgReference    = "Reference"
	ArgOrganization = "Organization"
	ArgReason       = "Reason"
	ArgQuestions    = "Questions"
	ArgWords        = "Words"
	ArgWordsLang    = "WordsLang" // no placeholder: the language of Words, "" when unknown
	ArgOther        = "Other"
	ArgPartner      = "Partner" // name of another partner than Organization
)

// rule is what is fixed about a kind.
type rule struct {
	urgency int64
	capped  bool     // anybody can have one sent to any address
	args    []string // the placeholders it fills
}

// The urgencies, as they are stored: never change one. Somebody looks at an
// empty inbox and waits, for what only few are sent or for a confirmation as
// everybody is sent; or reads it some time; or has been asked before. Unasked
// is a letter to who may never have heard of us, and such are counted by it.
const (
	Prompt   int64 = -1
	Awaited  int64 = 0
	Letter   int64 = 1
	Unasked  int64 = 2
	Reminder int64 = 3
)

var rules = map[Kind]rule{
	SignConfirm:         {Awaited, true, []string{ArgName, ArgCode, ArgDays}},
	SignReminder:        {Reminder, true, []string{ArgName, ArgCode}},
	SignLink:            {Prompt, true, []string{ArgName}},
	ApplicationConfirm:  {Prompt, true, []string{ArgName, ArgCode}},
	PortalLink:          {Prompt, true, []string{ArgName, ArgCode}},
	ApplicationDraft:    {Prompt, true, nil},
	ApplicationReminder: {Reminder, true, []string{ArgName, ArgReference}},
	// One may be taken back before its address is confirmed, so this can reach
	// anybody.
	ApplicationWithdrawn: {Letter, true, []string{ArgName, ArgReference}},
	SpeakerConfirm:       {Letter, true, []string{ArgName, ArgReference}},
	ApplicationReceived:  {Letter, false, []string{ArgName, ArgReference}},
	ApplicationApproved:  {Letter, false, []string{ArgName, ArgReference, ArgOrganization, ArgWords, ArgWordsLang}},
	ApplicationDeclined:  {Letter, false, []string{ArgName, ArgReference, ArgOrganization, ArgReason, ArgWords, ArgWordsLang}},
	PortalInvited:        {Prompt, true, []string{ArgName, ArgOrganization}},

	ApplicationInReview:  {Letter, false, []string{ArgName, ArgReference, ArgOrganization}},
	ApplicationNeedsInfo: {Letter, false, []string{ArgName, ArgReference, ArgOrganization, ArgQuestions, ArgWords, ArgWordsLang}},

	StaffInvitation:  {Prompt, false, nil},
	StaffLocked:      {Letter, true, []string{ArgName}},
	VouchRequest:     {Letter, false, []string{ArgName, ArgOrganization}},
	PartnerActive:    {Letter, false, []string{ArgName, ArgOrganization, ArgWords, ArgWordsLang}},
	PartnerPaused:    {Letter, false, []string{ArgName, ArgOrganization, ArgWords, ArgWordsLang}},
	PartnerSuspended: {Letter, false, []string{ArgName, ArgOrganization, ArgWords, ArgWordsLang}},
	PartnerLeft:      {Letter, false, []string{ArgName, ArgOrganization, ArgWords, ArgWordsLang}},
	ChangePublished:  {Letter, false, []string{ArgName, ArgOrganization, ArgWords, ArgWordsLang}},
	ChangeRefused:    {Letter, false, []string{ArgName, ArgOrganization, ArgWords, ArgWordsLang}},
	PartnerMerged:    {Letter, false, []string{ArgName, ArgOrganization, ArgPartner}},
	PartnerJoined:    {Letter, false, []string{ArgName, ArgOrganization, ArgPartner}},
	PartnerUnmerged:  {Letter, false, []string{ArgName, ArgOrganization, ArgPartner}},

	BannerMissed: {Reminder, false, []string{ArgName, ArgOrganization}},

	ApplicationMerged:   {Letter, false, []string{ArgName, ArgReference, ArgOrganization, ArgOther}},
	ApplicationUnmerged: {Letter, false, []string{ArgName, ArgReference, ArgOrganization, ArgOther}},
}

// Args are the placeholders that a mail of the kind fills; those of an
// unknown kind are none. Not to be changed.
func (k Kind) Args() []string { return rules[k].args }

// capped says whether the mail counts, and is left out when there are too many.
func (m Mail) capped() bool { return m.Unconfirmed || rules[m.Kind].capped }

func (m Mail) urgency() int64 {
	if m.Unconfirmed && !rules[m.Kind].capped {
		return Unasked
	}
	return rules[m.Kind].urgency
}

// Kinds are all kinds of mail, in alphabetical order.
func Kinds() []Kind { return slices.Sorted(maps.Keys(rules)) }
