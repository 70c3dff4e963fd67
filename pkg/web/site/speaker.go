package site

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/registry"
	"olivebranch/pkg/seal"
	"olivebranch/pkg/view"
	"olivebranch/pkg/web"
)

// nameSpeaker says who may speak for the organization.
func (s *Site) nameSpeaker(c echo.Context) error {
	t, a, err := s.linked(c)
	if err != nil {
		return err
	}
	v, err := web.Form(c, "speaker_name", "speaker_email")
	if err == nil {
		err = s.Allow(c, web.ApplyLimit)
	}
	if err == nil {
		_, err = s.Registry.NameSpeaker(c.Request().Context(), t, v.Get("speaker_name"), v.Get("speaker_email"))
	}
	if err != nil {
		return s.refuseOn(c, a, "applicant.", err, func(p *applicationPage) {
			p.Speaker.Name, p.Speaker.Email = v.Get("speaker_name"), v.Get("speaker_email")
		})
	}
	return s.seeStatus(c, "#speaker")
}

// speakerPage asks somebody whether they speak for an organization, and
// thanks for the answer.
type speakerPage struct {
	view.Page
	Application *registry.Application
	Token       string
	Refused     bool
}

func (s *Site) speakerToken(c echo.Context) (seal.Token, error) {
	t, err := s.token(c, seal.ConfirmSpeaker)
	if errors.Is(err, errExpired) {
		err = registry.ErrSpeakerGone
	}
	return t, err
}

func (s *Site) showSpeaker(c echo.Context) error {
	t, err := s.speakerToken(c)
	if err != nil {
		return err
	}
	a, err := s.Registry.SpeakerAsked(c.Request().Context(), t)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "site/speaker", &speakerPage{Page: s.base(c, "speaker.page"), Application: a, Token: c.Param("token")})
}

func (s *Site) speakFor(c echo.Context) error {
	if err := s.speakerAnswers(c, s.Registry.SpeakFor); err != nil {
		return err
	}
	return web.See(c, "/"+s.Lang(c)+"/speaker/"+c.Param("token"))
}

// refuseToSpeak thanks at once: behind the link there is nothing any more.
func (s *Site) refuseToSpeak(c echo.Context) error {
	if err := s.speakerAnswers(c, s.Registry.RefuseToSpeak); err != nil {
		return err
	}
	page := &speakerPage{Page: s.base(c, "speaker.page"), Refused: true}
	page.Path = "/"
	return s.Render(c, http.StatusOK, "site/speaker", page)
}

func (s *Site) speakerAnswers(c echo.Context, note func(ctx context.Context, t seal.Token) error) error {
	t, err := s.speakerToken(c)
	if err != nil {
		return err
	}
	return note(c.Request().Context(), t)
}
