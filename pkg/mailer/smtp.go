package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"olivebranch/pkg/bounce"
)

// SMTP sends through one mail server. A letter takes an idle connection or
// makes a new one; HangUp closes the idle ones.
type SMTP struct {
	// Timeout is how long connecting, and then each letter, may take.
	Timeout time.Duration

	host     string
	options  []gomail.Option
	implicit *tls.Config // for TLS from the first byte; nil: STARTTLS

	mu   sync.Mutex
	idle []*line
}

// line is a connection to the mail server.
type line struct {
	conn   net.Conn
	dialer *gomail.Client
	client *smtp.Client
	used   bool // it has carried a letter
}

// NewSMTP reads smtp://user:password@host:587 or smtps://host:465 and does
// not connect yet. With smtp, STARTTLS is required unless the host is
// loopback; on loopback no certificate is checked, since nobody stands
// between. hello is the name we greet the server with.
func NewSMTP(address, hello string) (*SMTP, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		return nil, errors.New("mail server: want smtp://host:587 or smtps://host:465") // u may hold a password
	}
	s := &SMTP{Timeout: time.Minute, host: u.Hostname()}
	local := isLoopback(s.host)
	secure := &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: local} //nolint:gosec // loopback only
	port := map[string]int{"smtp": 587, "smtps": 465}[u.Scheme]
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, fmt.Errorf("mail server: port %q", u.Port())
		}
	}
	policy := gomail.TLSMandatory
	if local {
		policy = gomail.TLSOpportunistic
	}
	s.options = []gomail.Option{
		gomail.WithPort(port), gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(secure), gomail.WithHELO(hello),
		gomail.WithoutNoop(), gomail.WithoutRset(), gomail.WithoutSMTPUTF8(), // all our addresses are ASCII
	}
	if u.Scheme == "smtps" {
		s.implicit = secure
		s.options = append(s.options, gomail.WithSSL())
	}
	if u.User != nil {
		password, _ := u.User.Password()
		s.options = append(s.options, gomail.WithUsername(u.User.Username()), gomail.WithPassword(password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthCramMD5))
	}
	return s, nil
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// Send hands the letter to the mail server.
func (s *SMTP) Send(ctx context.Context, l Letter) error {
	m, err := message(l)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	for {
		at, err := s.line(ctx)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrUnreachable, err)
		}
		err = s.sendOn(ctx, at, m)
		if at.used && ctx.Err() == nil && hungUp(err) {
			continue // the server had enough of this connection, before the letter began
		}
		return judge(err)
	}
}

// sendOn sends on a connection and keeps it when it is good for more.
func (s *SMTP) sendOn(ctx context.Context, at *line, m *gomail.Msg) error {
	stop := context.AfterFunc(ctx, at.drop)
	err := at.dialer.SendWithSMTPClient(at.client, m)
	if code := answer(err); !stop() || err != nil && (code == 0 || code == 421) {
		at.drop()
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, &line{conn: at.conn, dialer: at.dialer, client: at.client, used: true})
	return err
}

// HangUp closes the connections that nobody uses.
func (s *SMTP) HangUp() {
	s.mu.Lock()
	idle := s.idle
	s.idle = nil
	s.mu.Unlock()
	for _, at := range idle {
		if err := at.client.UpdateDeadline(time.Second); err == nil {
			_ = at.client.Quit() // a courtesy; the letters are through
		}
		at.drop()
	}
}

func (l *line) drop() { _ = l.conn.Close() }

// line takes an idle connection or makes one.
func (s *SMTP) line(ctx context.Context) (*line, error) {
	s.mu.Lock()
	if n := len(s.idle); n > 0 {
		at := s.idle[n-1]
		s.idle = s.idle[:n-1]
		s.mu.Unlock()
		return at, nil
	}
	s.mu.Unlock()
	return s.dial(ctx)
}

// dial connects, secures and signs in, all within Timeout. The connection is
// dialled here because go-mail leaves it open when what follows fails.
func (s *SMTP) dial(ctx context.Context) (*line, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	at := &line{}
	stop := func() bool { return true }
	dial := func(_ context.Context, network, address string) (conn net.Conn, err error) {
		if s.implicit != nil {
			conn, err = (&tls.Dialer{Config: s.implicit}).DialContext(ctx, network, address)
		} else {
			conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
		}
		if err == nil {
			at.conn = conn
			stop = context.AfterFunc(ctx, at.drop)
		}
		return conn, err
	}
	var err error
	options := append(slices.Clone(s.options), gomail.WithTimeout(s.Timeout), gomail.WithDialContextFunc(dial))
	if at.dialer, err = gomail.NewClient(s.host, options...); err != nil {
		return nil, err
	}
	at.client, err = at.dialer.DialToSMTPClientWithContext(ctx)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil && at.conn != nil {
		at.drop()
	}
	return at, err
}

// answer is the status code the server refused with; 0 when it did not
// refuse, or said nothing.
func answer(err error) int {
	var e *gomail.SendError
	if errors.As(err, &e) {
		return e.ErrorCode()
	}
	return 0
}

// hungUp says that the server ended the connection before it was told
// anything of the letter.
func hungUp(err error) bool {
	var e *gomail.SendError
	return errors.As(err, &e) && (e.Reason == gomail.ErrConnCheck || e.Reason == gomail.ErrSMTPMailFrom) &&
		(e.ErrorCode() == 0 || e.ErrorCode() == 421)
}

// judge tells what is final. A 5xx to MAIL FROM, or one that is about us, is
// tried again: the operator can mend it within the three days.
func judge(err error) error {
	var e *gomail.SendError
	if !errors.As(err, &e) {
		return err
	}
	// What go-mail appends repeats the recipient.
	said, _, _ := strings.Cut(e.Error(), ", affected recipient")
	switch {
	case e.Reason == gomail.ErrConnCheck:
		return fmt.Errorf("%w: %s", ErrUnreachable, said)
	case e.Reason == gomail.ErrGetSender, e.Reason == gomail.ErrGetRcpts:
		return fmt.Errorf("%w: %s", ErrRefused, said)
	case strings.HasPrefix(e.EnhancedStatusCode(), "4.2."):
		return fmt.Errorf("%w: %s", errMailbox, said)
	case e.ErrorCode() < 500:
		return errors.New(said)
	case e.Reason == gomail.ErrSMTPMailFrom:
		return fmt.Errorf("%w: %s", ErrOurs, said)
	}
	return fmt.Errorf("%w: %s", map[bounce.Blame]error{
		bounce.Address: ErrNobody, bounce.Mailbox: ErrFull, bounce.Us: ErrOurs, bounce.Message: ErrRefused, bounce.Unclear: ErrRefused,
	}[bounce.Judge(e.ErrorCode(), e.EnhancedStatusCode(), said)], said)
}
