package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/design"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/texts"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

const translatePath = "/console/translate"

// wording is a text that staff wrote for the public, wherever it stands.
type wording struct {
	Key       string // in addresses
	Kind      string
	Label     string
	LabelLang string // of a label that staff wrote; "" where it is a message
	Written   string // the page on which its original is changed
	Of        texts.Wording
	Limit     plaintext.Limit
	program   func(lang string) string // what came with it, version 0; nil where nothing does
	save      func(context.Context, texts.Draft, audit.Actor) error
}

// wordings are all that say something in some language.
func (o *Console) wordings(l *locale.Locale) []wording {
	var all []wording
	for _, f := range appeal.Fields {
		all = append(all, wording{Key: "appeal." + string(f), Kind: "appeal", Label: l.T("console.text." + string(f)), Written: "/console/appeal",
			Of: o.Appeal.Current().Wording(f), Limit: textLimits[f],
			save: func(ctx context.Context, d texts.Draft, by audit.Actor) error {
				return o.Appeal.Translate(ctx, f, d, by)
			}})
	}
	for _, d := range o.Designs.All() {
		for _, t := range []struct {
			field, label string
			limit        plaintext.Limit
		}{{design.SloganField, l.T("translate.slogan", "Design", d.Code), design.Slogan}, {design.LabelField, l.T("translate.label", "Design", d.Code), design.Label}} {
			all = append(all, wording{Key: "design." + strconv.FormatInt(d.ID, 10) + "." + t.field, Kind: "design", Label: t.label,
				Written: designPath(d.ID) + "/edit", Of: d.Wording(t.field), Limit: t.limit,
				save: func(ctx context.Context, draft texts.Draft, by audit.Actor) error {
					return o.Designs.Translate(ctx, d.ID, t.field, draft, by)
				}})
		}
	}
	for _, kind := range registry.PhraseKinds {
		for _, f := range o.Phrases.Offered(kind) {
			all = append(all, wording{Key: "phrase." + f.Key, Kind: string(kind), Label: f.Wording.In(l.Lang()).Body, LabelLang: f.Wording.In(l.Lang()).Lang, Written: "/console/phrases/" + f.Key,
				Of: f.Wording, Limit: registry.PhraseLimit,
				program: func(lang string) string {
					return o.Catalogues.For(lang).T("registry." + string(kind) + "." + f.Key)
				},
				save: func(ctx context.Context, d texts.Draft, by audit.Actor) error {
					return o.Phrases.Translate(ctx, f.Key, d, by)
				}})
		}
	}
	return slices.DeleteFunc(all, func(w wording) bool { return w.Of.Original().Body == "" })
}

// originalStanding is that of the text which the others are translations of.
const originalStanding = "original"

// standing is how the text in a language stands, as the messages call it.
func (w wording) standing(lang string) string {
	if w.Of.Original().Lang == lang {
		return originalStanding
	}
	return string(w.Of.Standing(lang))
}

// wants says that somebody should see to the text in a language.
func (w wording) wants(lang string) bool {
	s := w.standing(lang)
	return s == string(texts.Missing) || s == string(texts.Outdated)
}

// translationsPage lists all texts in one language beside their originals.
type translationsPage struct {
	view.Page
	Into   locale.Language
	Work   bool // only what wants work
	Saved  bool
	Tabs   []translationTab
	Groups []translationGroup
}

// translationTab is a language with how much it wants.
type translationTab struct {
	locale.Language
	N int
}

type translationGroup struct {
	Kind string
	Rows []translationRow
}

type translationRow struct {
	wording
	Standing              string
	Original, Translation texts.Version
}

func (o *Console) showTranslations(c echo.Context, who *staff.Account) error {
	page := &translationsPage{Page: o.base(c, who, "translate.page"), Work: c.QueryParam("work") != "", Saved: c.QueryParam("saved") != ""}
	all := o.wordings(page.Locale)
	for _, l := range page.Languages {
		tab := translationTab{Language: l}
		for _, w := range all {
			if w.wants(l.Code) {
				tab.N++
			}
		}
		page.Tabs = append(page.Tabs, tab)
	}
	page.Into = o.into(c, page.Tabs)
	for _, w := range all {
		if page.Work && !w.wants(page.Into.Code) {
			continue
		}
		if n := len(page.Groups); n == 0 || page.Groups[n-1].Kind != w.Kind {
			page.Groups = append(page.Groups, translationGroup{Kind: w.Kind})
		}
		g := &page.Groups[len(page.Groups)-1]
		g.Rows = append(g.Rows, translationRow{w, w.standing(page.Into.Code), w.Of.Original(), w.Of[page.Into.Code]})
	}
	return o.Render(c, http.StatusOK, "console/translations", page)
}

// into is the language asked for, else the one that wants most.
func (o *Console) into(c echo.Context, tabs []translationTab) locale.Language {
	most := tabs[0]
	for _, t := range tabs {
		if t.Code == c.QueryParam("lang") {
			return t.Language
		}
		if t.N > most.N {
			most = t
		}
	}
	return most.Language
}

// translationPage is one text beside its translation.
type translationPage struct {
	view.Page
	wording
	Into        locale.Language
	From        texts.Version
	Others      []texts.Version // that it could be translated from instead
	Translation texts.Version   // the newest that is saved
	Standing    string
	Changed     []plaintext.Piece // of the original since then
	Body        string            // as saved, or as typed
	Rows        int
	Saved       bool
}

// WithPieces hands what changed to its partial, together with the page's words.
func (p *translationPage) WithPieces(pieces []plaintext.Piece) web.Pieces {
	return web.Pieces{Page: &p.Page, Pieces: pieces}
}

func (o *Console) newTranslation(c echo.Context, who *staff.Account) (*translationPage, error) {
	page := &translationPage{Page: o.base(c, who, "translate.page"), Saved: c.QueryParam("saved") != ""}
	all := o.wordings(page.Locale)
	i := slices.IndexFunc(all, func(w wording) bool { return w.Key == c.Param("text") })
	lang := slices.IndexFunc(page.Languages, func(l locale.Language) bool { return l.Code == c.Param("into") })
	if i < 0 || lang < 0 {
		return nil, echo.ErrNotFound
	}
	page.wording, page.Into = all[i], page.Languages[lang]
	page.Labels = "translate."
	page.Standing, page.Translation = page.standing(page.Into.Code), page.Of[page.Into.Code]
	page.Body = page.Translation.Body
	page.From = page.Of.Original()
	for _, l := range page.Languages {
		v := page.Of[l.Code]
		if v.Body == "" || l.Code == page.Into.Code {
			continue
		}
		page.Others = append(page.Others, v)
		if l.Code == c.QueryParam("from") {
			page.From = v
		}
	}
	if page.Rows = 3; page.Limit.Lines {
		page.Rows = 18
	}
	return page, o.addChanged(c.Request().Context(), page)
}

// addChanged compares what the translation was made from with what that says
// now.
func (o *Console) addChanged(ctx context.Context, page *translationPage) error {
	was := page.Translation
	if page.Standing != string(texts.Outdated) {
		return nil
	}
	now, before := page.Of[was.BaseLang], ""
	switch {
	case was.BaseVersion > 0:
		v, err := o.Texts.At(ctx, now.Of, was.BaseLang, was.BaseVersion)
		if err != nil {
			return err
		}
		before = v.Body
	case page.program != nil:
		before = page.program(was.BaseLang)
	}
	page.Changed = plaintext.Diff(before, now.Body)
	return nil
}

func (o *Console) showTranslation(c echo.Context, who *staff.Account) error {
	page, err := o.newTranslation(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/translation", page)
}

// errOriginal: what others are translated from is changed where it was written.
var errOriginal = fault.New(fault.Conflict, "translate.is_original")

func (o *Console) saveTranslation(c echo.Context, who *staff.Account) error {
	v, err := web.Form(c, "body", "seen", "from", "from_version")
	page, pageErr := o.newTranslation(c, who)
	if pageErr != nil {
		return pageErr
	}
	page.Body = v.Get("body")
	if err == nil && page.Standing == originalStanding {
		err = errOriginal
	}
	var draft texts.Draft
	if err == nil {
		draft, err = page.draft(v)
	}
	if err == nil {
		err = page.save(c.Request().Context(), draft, by(who))
	}
	if err != nil {
		return web.Refuse(inField("body", err), &page.Page, func(status int) error { return o.Render(c, status, "console/translation", page) })
	}
	return web.See(c, o.nextTranslation(page))
}

// draft is what was typed, with what its writer had before them: which version
// of it, and which of the text it is a translation of.
func (p *translationPage) draft(v web.Values) (texts.Draft, error) {
	body, err := plaintext.Clean(p.Body, p.Limit)
	seen, seenErr := strconv.ParseInt(v.Get("seen"), 10, 64)
	version, versionErr := strconv.ParseInt(v.Get("from_version"), 10, 64)
	from := p.Of[v.Get("from")]
	if err == nil && (seenErr != nil || versionErr != nil || seen < 0 || version < 0 || from.Body == "" || from.Lang == p.Into.Code || version > from.Version) {
		err = texts.ErrMoved // no page of ours had that before its reader
	}
	return texts.Draft{Lang: p.Into.Code, Body: body, Seen: seen, BaseLang: from.Lang, BaseVersion: version}, err
}

// inField puts a refusal of words beside the field they were typed into.
func inField(field string, err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Fields) > 0 {
		return err
	}
	refused := fault.Fields{}
	refused.Add(field, err)
	return refused.Err()
}

// nextTranslation is where to go after one is saved: to the next text that
// wants work in the language, or back to the list.
func (o *Console) nextTranslation(page *translationPage) string {
	for _, w := range o.wordings(page.Locale) {
		if w.wants(page.Into.Code) && w.Key != page.Key {
			return translatePath + "/" + w.Key + "/" + page.Into.Code + "?saved=1"
		}
	}
	return translatePath + "?saved=1&lang=" + page.Into.Code
}
