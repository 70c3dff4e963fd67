package console

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/staff"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// phrasesPage lists the reasons and questions of staff.
type phrasesPage struct {
	view.Page
	Groups []phraseGroup
}

// phraseGroup are the phrases of a kind.
type phraseGroup struct {
	Kind    registry.PhraseKind
	Phrases []registry.Phrase
}

func (o *Console) showPhrases(c echo.Context, who *staff.Account) error {
	page := &phrasesPage{Page: o.base(c, who, "console.phrases.page")}
	for _, kind := range registry.PhraseKinds {
		page.Groups = append(page.Groups, phraseGroup{kind, o.Phrases.All(kind)})
	}
	return o.Render(c, http.StatusOK, "console/phrases", page)
}

// phrasePage edits one phrase in every language, or adds one.
type phrasePage struct {
	view.Page
	Key      string // of the address: a phrase's, or new_<kind>
	Kind     registry.PhraseKind
	New      bool
	Position string
	Retired  bool
	Texts    map[string]string
}

// newPhrase is the beginning of the key in the address of a new phrase.
const newPhrase = "new_"

func (o *Console) newPhrasePage(c echo.Context, who *staff.Account) (*phrasePage, error) {
	page := &phrasePage{Page: o.base(c, who, "console.phrases.page"), Key: c.Param("key"), Texts: map[string]string{}}
	for _, kind := range registry.PhraseKinds {
		all := o.Phrases.All(kind)
		if page.Key == newPhrase+string(kind) {
			page.Kind, page.New, page.Position = kind, true, strconv.FormatInt(all[len(all)-1].Position+10, 10)
		}
		for _, f := range all {
			if f.Key == page.Key {
				page.Kind, page.Position, page.Retired, page.Texts = f.Kind, strconv.FormatInt(f.Position, 10), f.Retired, f.Texts
			}
		}
	}
	if page.Kind == "" {
		return nil, registry.ErrNoPhrase
	}
	return page, nil
}

func (o *Console) showPhrase(c echo.Context, who *staff.Account) error {
	page, err := o.newPhrasePage(c, who)
	if err != nil {
		return err
	}
	return o.Render(c, http.StatusOK, "console/phrase", page)
}

func (o *Console) savePhrase(c echo.Context, who *staff.Account) error {
	fields := []string{"position", "retired"}
	for _, l := range o.Catalogues.Languages() {
		fields = append(fields, "text_"+l.Code)
	}
	v, err := web.Form(c, fields...)
	page, pageErr := o.newPhrasePage(c, who)
	if pageErr != nil {
		return pageErr
	}
	page.Position, page.Retired, page.Texts = v.Get("position"), v.Ticked("retired"), map[string]string{}
	for _, l := range o.Catalogues.Languages() {
		page.Texts[l.Code] = v.Get("text_" + l.Code)
	}
	f := registry.Phrase{Key: page.Key, Kind: page.Kind, Retired: page.Retired, Texts: page.Texts}
	if page.New {
		f.Key = ""
	}
	if f.Position, pageErr = strconv.ParseInt(strings.TrimSpace(page.Position), 10, 64); pageErr != nil {
		f.Position = -1
	}
	if err == nil {
		err = o.Phrases.Save(c.Request().Context(), f, by(who))
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return o.Render(c, status, "console/phrase", page) })
	}
	return web.See(c, "/console/phrases")
}
