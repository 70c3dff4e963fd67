package faulttest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
)

// flag goes up once.
type flag struct{ raised atomic.Bool }

func (f *flag) up() bool { return f.raised.Load() }

// deed is what a person asks of the program.
type deed string

const (
	sign     deed = "sign"
	confirm  deed = "confirm"
	again    deed = "sign again"    // with the address that has signed
	second   deed = "confirm again" // by the letter to that
	forget   deed = "forget"
	withdraw deed = "withdraw"
)

// entry is what the ledger knows of a deed.
type entry int

const (
	untried entry = iota
	tried         // sent; whether it was done is not known
	acked         // its whole answer was read, and said that it is done
)

// person is somebody who signs, and the ledger's page about them.
type person struct {
	mail   string
	plan   []deed
	twice  bool // clicks twice on "confirm"
	ledger map[deed]entry
}

func newPerson(mail string, plan ...deed) *person {
	return &person{mail: mail, plan: plan, ledger: map[deed]entry{}}
}

// errStopped: the flag went up before the deed was tried.
var errStopped = errors.New("stopped")

// refusal is an answer that acknowledges nothing.
type refusal struct {
	status int
	header http.Header
	body   string
}

func (r *refusal) Error() string { return fmt.Sprintf("refused with status %d", r.status) }

// next is the first deed of the plan that is not acknowledged; "" at the end.
func (p *person) next() deed {
	for _, d := range p.plan {
		if p.ledger[d] != acked {
			return d
		}
	}
	return ""
}

// try does a deed and enters it in the ledger. A deed of which nothing is
// known may be tried again.
func (p *person) try(c *client, d deed) error {
	path, form, err := p.address(c, d)
	if err != nil {
		return err
	}
	p.ledger[d] = tried
	ask := func() (answer, error) { return c.post(path, form) }
	a, err := asking(ask, p.twice && d == confirm, d)
	if err != nil {
		return err
	}
	if !a.says(d) {
		return &refusal{a.status, a.header, a.body}
	}
	p.ledger[d] = acked
	c.acks.Add(1)
	return nil
}

// asking asks once, or twice at the same moment as impatient people do; then one
// good answer is enough.
func asking(ask func() (answer, error), twice bool, d deed) (answer, error) {
	if !twice {
		return ask()
	}
	var a, b answer
	var errA, errB error
	var group sync.WaitGroup
	group.Go(func() { b, errB = ask() })
	a, errA = ask()
	group.Wait()
	if errB == nil && b.says(d) {
		return b, nil
	}
	return a, errA
}

// address is where a deed is asked for; it waits for the letter that says so.
func (p *person) address(c *client, d deed) (string, url.Values, error) {
	n := 1
	switch d {
	case sign, again:
		return "/en/sign", url.Values{"name": {"Fault Example"}, "email": {p.mail}, "country": {"KR"}, "consent": {"1"}, "updates": {"1"}}, nil
	case second:
		n = 2
	}
	l, ok := c.mails.wait(p.mail, n, c.over)
	if !ok {
		return "", nil, errStopped
	}
	switch d {
	case confirm, second:
		return "/en/confirm/" + l.confirm, nil, nil
	case forget:
		return "/en/signature/" + l.view + "/forget", nil, nil
	}
	return "/en/signature/" + l.view + "/withdraw", nil, nil
}

// client is one visitor's browser on kept connections.
type client struct {
	program *program
	mails   *post
	over    *flag
	acks    *atomic.Int64
}

// answer is one that was read whole.
type answer struct {
	status int
	header http.Header
	body   string
}

// says tells whether an answer acknowledges a deed.
func (a answer) says(d deed) bool {
	to := a.header.Get("Location")
	switch d {
	case sign, again:
		return a.status == http.StatusSeeOther && strings.Contains(to, "/sign/sent/")
	case second: // the address had signed already, and the page of that is offered
		return a.status == http.StatusOK && strings.Contains(a.body, "/signature/") && !strings.Contains(a.body, `action="/en/confirm/`)
	}
	return a.status == http.StatusSeeOther && strings.Contains(to, "/signature/")
}

func (c *client) post(path string, form url.Values) (answer, error) {
	return read(c.program.http.PostForm(c.program.base+path, form))
}

func read(res *http.Response, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(body)}, err
}

// get reads a public page.
func (p *program) get(path string) (answer, error) { return read(p.http.Get(p.base + path)) }
