package site

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// vouchPage asks a partner whether it knows an organization. It shows what
// will be public about that organization, and nothing else.
type vouchPage struct {
	view.Page
	Token    string
	Profile  registry.Profile
	Partner  *registry.Partner // who is asked
	Answers  []registry.VouchState
	Answer   registry.VouchState
	Words    string
	Answered bool
}

// vouchOf finds what a mailed link asks.
func (s *Site) vouchOf(c echo.Context) (*registry.Vouch, error) {
	t, err := s.token(c, seal.Vouch)
	if err != nil {
		return nil, err
	}
	v, err := s.Registry.Vouch(c.Request().Context(), t.Row)
	if err == nil && uint16(v.Counter) != t.Counter {
		err = registry.ErrVouchOver
	}
	return v, err
}

func (s *Site) newVouchPage(c echo.Context, v *registry.Vouch) (*vouchPage, error) {
	page := &vouchPage{Page: s.base(c, "vouch.page"), Token: c.Param("token"), Answers: registry.VouchAnswers}
	page.Labels = "vouch."
	page.Partner, _ = s.Register.ByID(v.PartnerID)
	if slices.Contains(registry.VouchAnswers, v.State) {
		page.Answered, page.Answer = true, v.State
		return page, nil
	}
	_, a, err := s.Registry.OpenVouch(c.Request().Context(), v.ID)
	if err != nil {
		return nil, err
	}
	page.Profile = a.Profile
	return page, nil
}

func (s *Site) showVouch(c echo.Context) error {
	v, err := s.vouchOf(c)
	if err != nil {
		return err
	}
	page, err := s.newVouchPage(c, v)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "site/vouch", page)
}

func (s *Site) answerVouch(c echo.Context) error {
	v, err := s.vouchOf(c)
	if err != nil {
		return err
	}
	form, read := web.Form(c, "answer", "words")
	page, err := s.newVouchPage(c, v)
	if err != nil {
		return err
	}
	page.Answer, page.Words = registry.VouchState(form.Get("answer")), form.Get("words")
	if err = read; err == nil {
		err = s.Registry.AnswerVouch(c.Request().Context(), v.ID, page.Answer, page.Words)
	}
	if err != nil {
		return web.Refuse(err, &page.Page, func(status int) error { return s.Render(c, status, "site/vouch", page) })
	}
	return web.See(c, "/"+s.Lang(c)+"/vouch/"+c.Param("token"))
}
