package web_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// answer is what came back, redirects not followed.
type answer struct {
	asked  string // method and path
	status int
	header http.Header
	body   string
	doc    *html.Node // nil when it is no HTML
	took   time.Duration
}

// urlencoded is how browsers send forms.
const urlencoded = "application/x-www-form-urlencoded"

// ask sends one request as it is given, with pairs of header name and value.
func (h *house) ask(method, path, kind string, body io.Reader, header ...string) answer {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.BaseURL.String()+path, body)
	h.must(err)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
			continue
		}
		req.Header.Add(header[i], header[i+1])
	}
	start := time.Now()
	res, err := h.http.Do(req)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	return h.read(method+" "+path, res, start)
}

func (h *house) read(asked string, res *http.Response, start time.Time) answer {
	h.t.Helper()
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatalf("%s: read: %v", asked, err)
	}
	a := answer{asked: asked, status: res.StatusCode, header: res.Header, body: string(b), took: time.Since(start)}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") && a.body != "" {
		a.doc, err = html.Parse(strings.NewReader(a.body))
		h.must(err)
	}
	return a
}

func (h *house) get(path string, header ...string) answer {
	h.t.Helper()
	return h.ask(http.MethodGet, path, "", nil, header...)
}

func (h *house) post(path string, body string, header ...string) answer {
	h.t.Helper()
	return h.ask(http.MethodPost, path, urlencoded, strings.NewReader(body), header...)
}

// wire sends bytes on a connection of its own and reads one answer, while the
// request may still be unfinished.
func (h *house) wire(head string, body ...string) answer {
	h.t.Helper()
	conn, err := net.Dial("tcp", h.BaseURL.Host)
	h.must(err)
	defer conn.Close()
	h.must(conn.SetDeadline(time.Now().Add(20 * time.Second)))
	start := time.Now()
	if _, err := io.WriteString(conn, head); err != nil {
		h.t.Fatalf("write: %v", err)
	}
	for _, part := range body {
		if _, err := io.WriteString(conn, part); err != nil {
			break // the server has answered and hung up
		}
	}
	line, _, _ := strings.Cut(head, "\r\n")
	method, _, _ := strings.Cut(line, " ")
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		h.t.Fatalf("%s: read: %v", line, err)
	}
	return h.read(line, res, start)
}

// head is the head of a raw request, with lines of headers.
func (h *house) head(method, target string, lines ...string) string {
	return method + " " + target + " HTTP/1.1\r\nHost: " + h.BaseURL.Host + "\r\n" + strings.Join(append(lines, "", ""), "\r\n")
}

// refused are the fields that the summary of a refused form names.
func (a answer) refused() []string {
	var fields []string
	box := a.find(func(n *html.Node) bool { return attr(n, "id") == "refusal" })
	if box == nil {
		return nil
	}
	for n := range box.Descendants() {
		if field, ok := strings.CutPrefix(attr(n, "href"), "#f-"); ok && strings.TrimSpace(words(n)) != "" {
			fields = append(fields, field)
		}
	}
	slices.Sort(fields)
	return fields
}

// field is what a control of the page holds, and whether there is one.
func (a answer) field(name string) (string, bool) {
	n := a.find(func(n *html.Node) bool {
		chosen := attr(n, "type") != "radio" || slices.ContainsFunc(n.Attr, func(at html.Attribute) bool { return at.Key == "checked" })
		return attr(n, "name") == name && (n.Data == "input" && chosen || n.Data == "textarea")
	})
	if n == nil {
		return "", false
	}
	if n.Data == "textarea" {
		return words(n), true
	}
	return attr(n, "value"), true
}

func (a answer) lang() string {
	if n := a.find(func(n *html.Node) bool { return n.Data == "html" }); n != nil {
		return attr(n, "lang")
	}
	return ""
}

func (a answer) find(good func(*html.Node) bool) *html.Node {
	if a.doc == nil {
		return nil
	}
	for n := range a.doc.Descendants() {
		if n.Type == html.ElementNode && good(n) {
			return n
		}
	}
	return nil
}

// text is the words of the page.
func (a answer) text() string {
	if a.doc == nil {
		return a.body
	}
	return strings.Join(strings.Fields(words(a.doc)), " ")
}

func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// encode makes a body of pairs, in their order; a pair with an empty value is
// sent too.
func encode(pairs ...string) string {
	var parts []string
	for i := 0; i+1 < len(pairs); i += 2 {
		parts = append(parts, url.QueryEscape(pairs[i])+"="+url.QueryEscape(pairs[i+1]))
	}
	return strings.Join(parts, "&")
}

// with replaces a value among pairs.
func with(pairs []string, name, value string) []string {
	out := slices.Clone(pairs)
	for i := 0; i+1 < len(out); i += 2 {
		if out[i] == name {
			out[i+1] = value
			return out
		}
	}
	return append(out, name, value)
}
