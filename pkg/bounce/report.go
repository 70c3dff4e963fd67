package bounce

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
)

// Bounds of what is read of a report. A report comes from anybody.
const (
	mostBytes = 1 << 20   // of a message; what follows is passed over
	mostText  = 256 << 10 // of a part, decoded
	mostParts = 30        // in all
	mostDepth = 5
)

// Report is what a message says of mails that did not arrive. Texts are where
// it may name the mail it is about.
type Report struct {
	Failures []Failure
	Texts    []string
	// Standard says that it has a part for machines: it is a mail server's, and
	// nobody else's answer.
	Standard bool
}

// Failure is one permanent failure. Delays, relays and expansions are none.
type Failure struct {
	Status string // as 5.1.1, "" when there is none
	Words  string // what the mail server said
}

// Blame is what the failure is about.
func (f Failure) Blame() Blame {
	code := 0
	if found := replyCode.FindStringSubmatch(f.Words); found != nil {
		code, _ = strconv.Atoi(found[1])
	}
	return Judge(code, f.Status, f.Words)
}

var replyCode = regexp.MustCompile(`(?:^|[\s;(:])(5[0-9]{2})(?:[ -]|$)`)

// Read reads a message. What is no report of failure gives one without
// failures; there is no message that is an error, however broken, but r's own.
func Read(r io.Reader) (Report, error) {
	raw, err := io.ReadAll(io.LimitReader(r, mostBytes))
	if err != nil {
		return Report{}, err
	}
	if bytes.HasPrefix(raw, []byte("From ")) { // as mailboxes and pipes have it
		_, raw, _ = bytes.Cut(raw, []byte("\n"))
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Report{}, nil //nolint:nilerr // no message is no report
	}
	w := &walk{}
	for _, name := range []string{"To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "In-Reply-To", "References"} {
		w.report.Texts = append(w.report.Texts, m.Header[name]...)
	}
	w.part(header(m.Header), m.Body, 0)
	if !w.standard && fromMailer(header(m.Header)) {
		w.guess(header(m.Header))
	}
	w.report.Standard = w.standard
	return w.report, nil
}

type header map[string][]string

func (h header) get(name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// walk goes through the parts of a message.
type walk struct {
	report   Report
	standard bool // it has a part for machines
	parts    int
	loose    []string // texts for people, for those that have none for machines
}

func (w *walk) part(h header, body io.Reader, depth int) {
	if w.parts++; w.parts > mostParts || depth > mostDepth {
		return
	}
	kind, params, err := mime.ParseMediaType(h.get("Content-Type"))
	if err != nil && kind == "" {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" {
		parts := multipart.NewReader(body, params["boundary"])
		for w.parts <= mostParts {
			p, err := parts.NextRawPart()
			if err != nil {
				return
			}
			w.part(header(p.Header), p, depth+1)
		}
		return
	}
	text := decode(h.get("Content-Transfer-Encoding"), body)
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		w.status(text)
	case "message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers", "message/rfc822-headers":
		w.report.Texts = append(w.report.Texts, headersOf(text)...)
	default:
		w.loose = append(w.loose, text)
	}
}

// decode reads a part, as far as it goes.
func decode(encoding string, body io.Reader) string {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	raw, _ := io.ReadAll(io.LimitReader(body, mostText))
	return strings.ReplaceAll(strings.ToValidUTF8(string(raw), "?"), "\r\n", "\n")
}

// headersOf are the values of the returned mail's headers that name it.
func headersOf(text string) (all []string) {
	head, _, _ := strings.Cut(text, "\n\n")
	f := fields(head)
	return append(append(all, f["message-id"]), f["return-path"])
}

// fields reads lines of "Name: value", folded or not; others are passed over.
func fields(text string) map[string]string {
	out := map[string]string{}
	last := ""
	for line := range strings.SplitSeq(text, "\n") {
		if last != "" && (strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")) {
			out[last] += " " + strings.TrimSpace(line)
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if last = ""; !ok {
			continue
		}
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := out[name]; !twice {
			last, out[name] = name, strings.TrimSpace(value)
		}
	}
	return out
}

var statusCode = regexp.MustCompile(`[245]\.[0-9]{1,3}\.[0-9]{1,3}`)

// status reads the part for machines: groups of fields with blank lines
// between, the first of them about the message, the others each about a
// recipient (RFC 3464). Some put all in one group.
func (w *walk) status(text string) {
	for group := range strings.SplitSeq(text, "\n\n") {
		f := fields(group)
		if id := f["original-envelope-id"]; id != "" {
			w.report.Texts = append(w.report.Texts, id)
		}
		action, status := strings.ToLower(f["action"]), statusCode.FindString(f["status"])
		if action == "" && status == "" {
			continue
		}
		w.standard = true
		word, _, _ := strings.Cut(action, " ")
		failed := word == "failed" || word == "" && strings.HasPrefix(status, "5")
		if !failed || strings.HasPrefix(status, "2") {
			continue
		}
		if strings.HasPrefix(status, "4") { // given up after many tries; nothing permanent is known
			status = ""
			f["diagnostic-code"] = ""
		}
		w.report.Failures = append(w.report.Failures, Failure{status, f["diagnostic-code"]})
	}
}

// fromMailer says that a message was written by a mail server, and not by
// somebody who is out of office.
func fromMailer(h header) bool {
	from := strings.ToLower(h.get("From"))
	path, hasPath := h["Return-Path"]
	sent := strings.ToLower(h.get("Auto-Submitted"))
	return strings.Contains(from, "mailer-daemon") || strings.Contains(from, "postmaster") || h.get("X-Failed-Recipients") != "" ||
		hasPath && strings.TrimSpace(path[0]) == "<>" && !strings.HasPrefix(sent, "auto-replied")
}

var (
	delayed = regexp.MustCompile(`(?i)\b(delay(ed)?|deferred|warning|will (keep trying|be retried)|still trying|not yet been delivered|temporar\w+)\b`)
	failure = regexp.MustCompile(`(?im)^.*(\b5\.[0-9]\.[0-9]{1,2}\b|(?:^|[\s;(:])5[0-9]{2}[ -]).*$`)
)

// guess reads what mail servers write to people only, as old ones do: the line
// with a permanent code, and the headers of the mail below.
func (w *walk) guess(h header) {
	for _, text := range w.loose {
		w.report.Texts = append(w.report.Texts, text)
		if len(w.report.Failures) > 0 || delayed.MatchString(h.get("Subject")) {
			continue
		}
		said, _, _ := strings.Cut(text, "Message-ID:")
		if line := failure.FindString(said); line != "" {
			w.report.Failures = append(w.report.Failures, Failure{statusWord.FindString(line), strings.TrimSpace(line)})
		}
	}
}
