package site

import (
	"context"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/texts"
	"olivebranch/pkg/web"
)

// asked is what staff want to know, on the status page, with what the
// applicant typed so far.
type asked struct {
	Questions []texts.Version // in the language of the page, or in another
	Words     string
	WordsLang string
	Answer    string
}

// Langs are the languages of the questions.
func (a *asked) Langs() (all []string) {
	for _, q := range a.Questions {
		all = append(all, q.Lang)
	}
	return all
}

// asked is nil when nothing is asked.
func (s *Site) asked(ctx context.Context, a *registry.Application, lang string) (*asked, error) {
	ruling, err := s.Registry.Asked(ctx, a)
	if err != nil || ruling == nil {
		return nil, err
	}
	q := &asked{Words: ruling.Words, WordsLang: ruling.WordsLang}
	for _, key := range ruling.Asked() {
		if text := s.Registry.Phrases.Text(key, lang); text.Body != "" {
			q.Questions = append(q.Questions, text)
		}
	}
	return q, nil
}

// answer takes what the applicant writes to the questions of staff.
func (s *Site) answer(c echo.Context) error {
	_, a, err := s.linked(c)
	if err != nil {
		return err
	}
	v, err := web.Form(c, "answer")
	if err == nil {
		err = s.Allow(c, web.ApplyLimit)
	}
	if err == nil {
		_, err = s.Registry.Answer(c.Request().Context(), a.ID, v.Get("answer"))
	}
	if err != nil {
		return s.refuseOn(c, a, "answer.", err, func(p *applicationPage) {
			if p.Asked != nil {
				p.Asked.Answer = v.Get("answer")
			}
		})
	}
	return s.seeStatus(c, "")
}
