package site

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/web"
)

// errNoProof: the form is good, and its browser has not worked for it.
var errNoProof = errors.New("no proof of work")

// wantsWork says whether the browser has to work before this form is taken.
func (s *Site) wantsWork(f appeal.Form) bool { return s.Limits && s.Hot != nil && s.Hot(f) }

// prove looks at the work done for a form, and says what doubt is left: none,
// or that the sender chose to go on without. What else is wrong with the form
// is said first: nobody waits for a form that is refused.
func (s *Site) prove(f appeal.Form, v web.Values) (doubt string, err error) {
	if err := s.Intake.Check(f); err != nil {
		return "", err
	}
	err = errNoProof
	if proof := v.Get("proof"); proof != "" {
		err = s.Challenges.Check(proof, f.Email)
	}
	if err != nil && v.Ticked("unproven") {
		return appeal.ReasonUnproven, nil
	}
	return "", err
}

// ask shows the form again and asks for the work, or says what is wrong with
// the form. That nobody has worked yet is no fault of the visitor's.
func (p *signPage) ask(err error, again func(status int) error) error {
	var f *fault.Error
	if p.Asked = errors.Is(err, errNoProof) || errors.As(err, &f) && len(f.Fields) == 0; errors.Is(err, errNoProof) {
		return again(http.StatusUnprocessableEntity)
	}
	return web.Refuse(err, &p.Page, again)
}

// makeChallenge hands out a challenge for an address that the browser has
// committed itself to without saying it.
func (s *Site) makeChallenge(c echo.Context) error {
	made, err := s.Challenges.Make(c.Param("commitment"))
	if err != nil {
		return errDamaged.Because(err)
	}
	return c.JSON(http.StatusOK, made)
}
