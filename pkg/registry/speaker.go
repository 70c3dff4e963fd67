package registry

import (
	"bytes"
	"context"
	"encoding/binary"
	"time"

	"gorm.io/gorm"

	"olivebranch/pkg/address"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/fault"
	"olivebranch/pkg/outbox"
	"olivebranch/pkg/plaintext"
	"olivebranch/pkg/seal"
)

// SpeakerLife is how long the question to a speaker can be answered.
const SpeakerLife = 14 * 24 * time.Hour

const (
	sealedSpeakerName  = "applications.speaker_name"
	sealedSpeakerEmail = "applications.speaker_email"
)

var (
	// ErrSpeakerMissing refuses an approval for which nobody stands who may
	// speak for the organization.
	ErrSpeakerMissing = fault.New(fault.Conflict, "application.speaker_missing")
	// ErrSpeakerGone answers for a question to a speaker that was answered with
	// no, or that is not asked any more.
	ErrSpeakerGone = fault.New(fault.Gone, "speaker.gone")

	errSpeakerSame = fault.New(fault.Invalid, "speaker.same")
)

// Speaker is who may speak for the organization, when that is not who
// applies.
type Speaker struct {
	Name, Email string // "" when nobody is named
	ConfirmedAt int64  // 0 while there is no answer
	Refused     bool   // the last one who was named said no
}

// Authorised says that who applies may speak for the organization.
func (a *Application) Authorised() bool { return a.Consents&ConsentAuthorised != 0 }

// Represented says that somebody who may speak for the organization stands
// behind the application.
func (a *Application) Represented() bool { return a.Authorised() || a.SpeakerAt > 0 }

// Speaker reads who was named to speak for the organization, and what they
// said.
func (r *Registry) Speaker(ctx context.Context, a *Application) (Speaker, error) {
	who, err := r.speaker(a)
	if err != nil || who.Name != "" {
		return who, err
	}
	refused, err := r.Trail.Search(ctx, audit.Query{Subject: OfApplication, SubjectID: a.ID, Actions: []string{"application.speaker_refused"}}, audit.Key{}, 1)
	who.Refused = len(refused) > 0
	return who, err
}

func (r *Registry) speaker(a *Application) (Speaker, error) {
	name, err := r.open(sealedSpeakerName, a, a.SpeakerName)
	if err != nil {
		return Speaker{}, err
	}
	email, err := r.open(sealedSpeakerEmail, a, a.SpeakerEmail)
	return Speaker{Name: name, Email: email, ConfirmedAt: a.SpeakerAt}, err
}

// NameSpeaker says who may speak for the organization and asks them by mail.
// Naming somebody else withdraws the question to the one before; the same one
// is asked again. Invalid naming speaker_name or speaker_email; ErrMoved when
// there is nothing to say any more; ErrForgotten, ErrReplaced.
func (r *Registry) NameSpeaker(ctx context.Context, t seal.Token, name, email string) (*Application, error) {
	refused := fault.Fields{}
	name, err := plaintext.Name(name, plaintext.PersonName)
	refused.Add("speaker_name", err)
	mail, err := address.ParseMail(email)
	refused.Add("speaker_email", err)
	if err := refused.Err(); err != nil {
		return nil, err
	}
	return r.changeLinked(ctx, t, func(tx *gorm.DB, a *Application) error {
		if !a.Open() || a.Represented() {
			return ErrMoved
		}
		a.SpeakerKey = r.Keys.MailKey(0, mail.Folded())
		if bytes.Equal(a.SpeakerKey, a.EmailKey) {
			refused.Add("speaker_email", errSpeakerSame)
			return refused.Err()
		}
		a.SpeakerName = r.Keys.Seal(sealedSpeakerName, a.ID, []byte(name))
		a.SpeakerEmail = r.Keys.Seal(sealedSpeakerEmail, a.ID, []byte(mail.String()))
		err := r.revise(tx, a, map[string]any{"speaker_name": a.SpeakerName, "speaker_email": a.SpeakerEmail, "speaker_key": a.SpeakerKey})
		if err != nil {
			return err
		}
		if err := r.deed(tx, a, applicant, "speaker_named", nil, nil); err != nil {
			return err
		}
		m := outbox.Mail{Kind: outbox.SpeakerConfirm, Lang: a.MailLang, To: mail.String(), ToKey: a.SpeakerKey,
			Args: map[string]string{outbox.ArgReference: a.Reference}, Action: r.speakerLink(a)}
		if err := r.keepLetter(tx, About{OfApplication, a.ID}, m); err != nil {
			return err
		}
		m.Args[outbox.ArgName] = name
		return r.Outbox.Enqueue(tx, m)
	})
}

// SpeakerAsked reads the application that a question to a speaker is about.
// ErrSpeakerGone.
func (r *Registry) SpeakerAsked(ctx context.Context, t seal.Token) (*Application, error) {
	a, err := r.Application(ctx, t.Row)
	if fault.KindOf(err) == fault.NotFound {
		return nil, ErrSpeakerGone
	}
	if err == nil && (len(a.SpeakerKey) == 0 || speakerCounter(a) != t.Counter || !a.Open() && a.SpeakerAt == 0) {
		return nil, ErrSpeakerGone
	}
	return a, err
}

// SpeakFor notes that the speaker stands behind the application. Saying so
// twice changes nothing. ErrSpeakerGone.
func (r *Registry) SpeakFor(ctx context.Context, t seal.Token) error {
	return r.answerSpeaker(ctx, t, "speaker_confirmed", map[string]any{"speaker_at": r.Now().UnixMilli()})
}

// RefuseToSpeak notes that the one who was named does not speak for the
// organization, and erases name and address. ErrSpeakerGone.
func (r *Registry) RefuseToSpeak(ctx context.Context, t seal.Token) error {
	return r.answerSpeaker(ctx, t, "speaker_refused", map[string]any{"speaker_name": nil, "speaker_email": nil, "speaker_key": nil})
}

func (r *Registry) answerSpeaker(ctx context.Context, t seal.Token, what string, columns map[string]any) error {
	read := func(ctx context.Context) (*Application, error) { return r.SpeakerAsked(ctx, t) }
	_, err := r.changeRead(ctx, read, func(tx *gorm.DB, a *Application) error {
		if a.SpeakerAt > 0 {
			return nil
		}
		if err := r.revise(tx, a, columns); err != nil {
			return err
		}
		return r.deed(tx, a, audit.Actor{Kind: audit.Representative}, what, nil, nil)
	})
	return err
}

func (r *Registry) speakerLink(a *Application) string {
	return "/" + a.MailLang + "/speaker/" + r.Keys.Token(seal.Token{Purpose: seal.ConfirmSpeaker, Row: a.ID,
		Expires: r.Now().Add(SpeakerLife), Counter: speakerCounter(a)})
}

// speakerCounter makes a link good for the one it was mailed to: who is named
// instead has, but for one in 65,536, another number.
func speakerCounter(a *Application) uint16 { return binary.BigEndian.Uint16(a.SpeakerKey) }
