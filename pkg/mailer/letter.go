package mailer

import (
	"fmt"
	htmltemplate "html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	texttemplate "text/template"
	"time"

	"olivebranch/pkg/outbox"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/view"
)

// Words speaks one language; *locale.Locale does.
type Words interface {
	T(id string, pairs ...any) string
	Lang() string
	Dir() string
	Language(code string) string // the name of another
}

// Letter is a mail as it is sent: everything in it is ready and harmless.
type Letter struct {
	MessageID string // without angle brackets; the same at every try
	Return    string // the address that reports go to; "" for that of From
	Date      time.Time
	From      string // "Name <address>"
	To        string // a bare address
	Lang      string
	Subject   string
	Text      string
	HTML      string
	Stop      string   // where its reader stops such mails; "" where that may not be
	Links     []string // all links in it, the one to follow first
}

// press renders mails.
type press struct {
	words    func(lang string) Words
	phrase   func(key, lang string) (body, in string)
	campaign func(lang string) string
	base     *url.URL
	from     string
	returns  string
	keys     *seal.Keys
	html     *htmltemplate.Template
	text     *texttemplate.Template
}

func newPress(o Options) (*press, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("base URL %q: want https://host", o.BaseURL)
	}
	html, text, err := view.MailTemplates()
	if err != nil {
		return nil, err
	}
	return &press{words: o.Words, phrase: o.Phrase, campaign: o.CampaignName, base: base, from: o.From, returns: o.Return, keys: o.Keys, html: html, text: text}, nil
}

// print renders the mail of a row.
func (p *press) print(r outbox.Row, e outbox.Envelope) (Letter, error) {
	w := p.words(r.Lang)
	s := p.layOut(w, r.Kind, e)
	s.Stop = p.stop(w, r)
	l := Letter{
		MessageID: p.messageID(r.ID), Return: p.returnPath(r.ID), Date: time.UnixMilli(r.CreatedAt).UTC(),
		From: p.from, To: e.To, Lang: s.Lang, Subject: s.Subject, Stop: s.Stop.URL,
	}
	for _, to := range []view.Link{s.Action, s.Manage, s.Stop} {
		if to.URL != "" {
			l.Links = append(l.Links, to.URL)
		}
	}
	var html, text strings.Builder
	if err := p.html.Execute(&html, s); err != nil {
		return Letter{}, fmt.Errorf("render mail %s: %w", r.Kind, err)
	}
	if err := p.text.Execute(&text, s); err != nil {
		return Letter{}, fmt.Errorf("render mail %s: %w", r.Kind, err)
	}
	l.HTML, l.Text = html.String(), text.String()
	if s.Dir != "rtl" { // old mail programs show isolates as boxes; without them a left-to-right text reads well enough
		l.Text = view.DropIsolates(l.Text)
	}
	return l, nil
}

// daysOfOld are meant by mails that were waiting when the program was upgraded
// from one that named no number.
const daysOfOld = 7

func (p *press) layOut(w Words, kind outbox.Kind, e outbox.Envelope) view.Sheet {
	campaign := oneLine(p.campaign(w.Lang()))
	args := map[string]string{}
	for _, name := range kind.Args() {
		args[name] = argument(name, e.Args[name])
	}
	foreign := ownLines(args[outbox.ArgWords], args[outbox.ArgWordsLang])
	pairs := []any{"Campaign", view.Isolate(campaign)}
	for _, name := range []string{outbox.ArgName, outbox.ArgCode, outbox.ArgReference, outbox.ArgOther, outbox.ArgOrganization, outbox.ArgPartner, outbox.ArgReason, outbox.ArgQuestions, outbox.ArgWords} {
		if name == outbox.ArgReason || name == outbox.ArgQuestions {
			pairs = append(pairs, name, p.phrases(args[name], w, foreign))
			continue
		}
		pairs = append(pairs, name, view.Isolate(args[name]))
	}
	if slices.Contains(kind.Args(), outbox.ArgDays) {
		n, err := strconv.Atoi(args[outbox.ArgDays])
		if err != nil {
			n = daysOfOld
		}
		pairs = append(pairs, outbox.ArgDays, w.T("mail.days", "N", n))
	}
	id := "mail." + string(kind) + "."
	s := view.Sheet{
		Lang: w.Lang(), Dir: w.Dir(), Campaign: campaign,
		Subject:  oneLine(w.T(id+"subject", pairs...)),
		Greeting: view.Line(w.T("mail.greeting_plain")),
		Body:     paragraphs(w.T(id+"body", pairs...), foreign),
		Footer:   view.Line(w.T("mail.footer", pairs...)),
	}
	if args[outbox.ArgName] != "" {
		s.Greeting = view.Line(w.T("mail.greeting", pairs...))
	}
	if e.Action != "" {
		s.Action = view.Link{Text: view.Line(w.T(id+"action", pairs...)), URL: p.base.Scheme + "://" + p.base.Host + e.Action}
	}
	if args[outbox.ArgCode] != "" {
		s.Code, s.CodeLead = args[outbox.ArgCode], view.Line(w.T("mail.code", pairs...))
	}
	if e.Manage != "" {
		s.Manage = view.Link{Text: view.Line(w.T("mail.manage", pairs...)), URL: p.base.Scheme + "://" + p.base.Host + e.Manage}
	}
	return s
}

// phrases puts keys with commas between into words, each in a paragraph of its
// own. One that staff have not translated is in foreign, and a sentence under
// it says so.
func (p *press) phrases(keys string, w Words, foreign map[view.Line]string) string {
	var lines []string
	for key := range strings.SplitSeq(keys, ",") {
		if key == "" {
			continue
		}
		words, in := p.phrase(key, w.Lang())
		if words = oneLine(words); words == "" {
			continue
		}
		if in == w.Lang() {
			lines = append(lines, words)
			continue
		}
		words = view.Isolate(words)
		foreign[view.Line(words)] = in
		lines = append(lines, words, w.T("layout.untranslated", "Language", w.Language(in)))
	}
	return strings.Join(lines, "\n\n")
}

// ownLines are the lines of staff's own words, with their language.
func ownLines(words, lang string) map[view.Line]string {
	own := map[view.Line]string{}
	for line := range strings.SplitSeq(words, "\n") {
		own[view.Line(strings.TrimSpace(view.Isolate(line)))] = lang
	}
	return own
}

// paragraphs takes a message apart at its blank lines. A paragraph whose
// placeholders were all it had, and came out empty, is none. One that is
// nothing but lines of one other language carries that.
func paragraphs(body string, foreign map[view.Line]string) []view.Paragraph {
	var out []view.Paragraph
	var open view.Paragraph
	for _, line := range append(strings.Split(body, "\n"), "") {
		line := view.Line(strings.TrimSpace(line))
		switch {
		case line != "":
			if lang := foreign[line]; open.Lines == nil {
				open.Lang = lang
			} else if lang != open.Lang {
				open.Lang = ""
			}
			open.Lines = append(open.Lines, line)
		case open.Lines != nil:
			out, open = append(out, open), view.Paragraph{}
		}
	}
	return out
}

// messageID is the same whenever the row is sent. Nobody else can make one, so
// that a report which has it is about a mail of ours.
func (p *press) messageID(id int64) string { return outbox.Mark(p.keys, id) + "@" + p.base.Hostname() }

// returnPath is where reports about the mail of a row go: an address of its
// own where the operator's ends in + before the @.
func (p *press) returnPath(id int64) string {
	name, host, own := strings.Cut(p.returns, "+@")
	if !own {
		return p.returns
	}
	return name + "+" + outbox.Mark(p.keys, id) + "@" + host
}
