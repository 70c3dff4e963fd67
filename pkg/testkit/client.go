package testkit

import (
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Client behaves like a browser without script: it keeps cookies, follows
// redirects, and sends the forms it finds on pages.
type Client struct {
	t    testing.TB
	base *url.URL
	http *http.Client
}

// secureJar lets Secure cookies through on localhost, as browsers do.
type secureJar struct{ jar *cookiejar.Jar }

func https(u *url.URL) *url.URL {
	c := *u
	c.Scheme = "https"
	return &c
}

func (j secureJar) SetCookies(u *url.URL, c []*http.Cookie) { j.jar.SetCookies(https(u), c) }
func (j secureJar) Cookies(u *url.URL) []*http.Cookie       { return j.jar.Cookies(https(u)) }

// Client makes a visitor with no cookies.
func (a *App) Client() *Client {
	jar, _ := cookiejar.New(nil)
	return &Client{t: a.t, base: a.BaseURL, http: &http.Client{Jar: secureJar{jar}}}
}

// Page is an answer with its document.
type Page struct {
	Status int
	Header http.Header
	URL    *url.URL // after redirects
	Body   string
	Doc    *html.Node
	client *Client
}

// Do sends any request; the path is behind the base URL, or a whole URL.
func (c *Client) Do(method, path, contentType, body string, header ...string) *Page {
	c.t.Helper()
	to, err := c.base.Parse(path)
	if err != nil {
		c.t.Fatal(err)
	}
	req, err := http.NewRequest(method, to.String(), strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
			continue
		}
		req.Header.Add(header[i], header[i+1])
	}
	res, err := c.http.Do(req)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatalf("%s %s: read: %v", method, path, err)
	}
	p := &Page{Status: res.StatusCode, Header: res.Header, URL: res.Request.URL, Body: string(raw), client: c}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		if p.Doc, err = html.Parse(strings.NewReader(p.Body)); err != nil {
			c.t.Fatal(err)
		}
	}
	return p
}

// Get opens a page.
func (c *Client) Get(path string, header ...string) *Page {
	c.t.Helper()
	return c.Do(http.MethodGet, path, "", "", header...)
}

// Post sends fields as a form, in pairs of name and value.
func (c *Client) Post(path string, pairs ...string) *Page {
	c.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return c.Do(http.MethodPost, path, "application/x-www-form-urlencoded", v.Encode())
}

// Upload sends the first form whose action ends so, with a file in a field
// and other values in pairs, as a browser sends a form with files.
func (p *Page) Upload(action, field string, file []byte, pairs ...string) *Page {
	p.client.t.Helper()
	form := p.find(func(n *html.Node) bool { return n.Data == "form" && strings.HasSuffix(attr(n, "action"), action) })
	if form == nil {
		p.client.t.Fatalf("no form %q on %s:\n%s", action, p.URL, p.Text())
	}
	kind, body := Multipart(field, file, pairs...)
	return p.client.Do(http.MethodPost, attr(form, "action"), kind, body)
}

// Multipart is the body of a form with a file, and its content type.
func Multipart(field string, file []byte, pairs ...string) (kind, body string) {
	var b strings.Builder
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		_ = w.WriteField(pairs[i], pairs[i+1]) // a strings.Builder takes everything
	}
	part, _ := w.CreateFormFile(field, "picture")
	_, _ = part.Write(file)
	_ = w.Close()
	return w.FormDataContentType(), b.String()
}

// Open opens another page as the same visitor.
func (p *Page) Open(path string) *Page {
	p.client.t.Helper()
	return p.client.Get(path)
}

// Submit fills the first form whose action ends so and sends it: what the
// page holds already stays, pairs replace it; an empty value unticks a box.
func (p *Page) Submit(action string, pairs ...string) *Page {
	p.client.t.Helper()
	form := p.find(func(n *html.Node) bool { return n.Data == "form" && strings.HasSuffix(attr(n, "action"), action) })
	if form == nil {
		p.client.t.Fatalf("no form %q on %s:\n%s", action, p.URL, p.Text())
	}
	values := url.Values{}
	each(form, func(n *html.Node) { collect(n, values) })
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			values.Del(pairs[i])
		}
	}
	to, err := p.URL.Parse(attr(form, "action"))
	if err != nil {
		p.client.t.Fatal(err)
	}
	if strings.EqualFold(attr(form, "method"), "post") {
		return p.client.Do(http.MethodPost, to.String(), "application/x-www-form-urlencoded", values.Encode())
	}
	to.RawQuery = values.Encode()
	return p.client.Get(to.String())
}

// collect adds what a control would send as it stands.
func collect(n *html.Node, values url.Values) {
	name := attr(n, "name")
	if name == "" {
		return
	}
	switch n.Data {
	case "input":
		if attr(n, "type") != "checkbox" || has(n, "checked") {
			values.Set(name, attr(n, "value"))
		}
	case "textarea":
		values.Set(name, text(n))
	case "select":
		each(n, func(o *html.Node) {
			if o.Data == "option" && has(o, "selected") {
				values.Set(name, attr(o, "value"))
			}
		})
	}
}

// Text is all words of the page.
func (p *Page) Text() string {
	if p.Doc == nil {
		return p.Body
	}
	return strings.Join(strings.Fields(text(p.Doc)), " ")
}

// Has says whether the page's words hold these.
func (p *Page) Has(words string) bool { return strings.Contains(p.Text(), words) }

// Words are those of the first element with this name; "" if none.
func (p *Page) Words(element string) string {
	if n := p.find(func(n *html.Node) bool { return n.Data == element }); n != nil {
		return strings.TrimSpace(text(n))
	}
	return ""
}

// Attr is an attribute of the first element with this name; "" if none.
func (p *Page) Attr(element, name string) string {
	if n := p.find(func(n *html.Node) bool { return n.Data == element }); n != nil {
		return attr(n, name)
	}
	return ""
}

// Find is the words of the first element that has an attribute with a value.
func (p *Page) Find(element, name, value string) string {
	if n := p.find(func(n *html.Node) bool { return n.Data == element && attr(n, name) == value }); n != nil {
		return strings.Join(strings.Fields(text(n)), " ")
	}
	return ""
}

// Each calls do for every element of the page.
func (p *Page) Each(do func(n *html.Node)) { each(p.Doc, do) }

func (p *Page) find(good func(*html.Node) bool) *html.Node {
	var found *html.Node
	each(p.Doc, func(n *html.Node) {
		if found == nil && good(n) {
			found = n
		}
	})
	return found
}

func each(n *html.Node, do func(*html.Node)) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode {
			do(d)
		}
	}
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" && d.Parent.Data != "style" {
			b.WriteString(d.Data + " ")
		}
	}
	if b.Len() == 0 && n.FirstChild != nil {
		return n.FirstChild.Data
	}
	return strings.TrimSuffix(b.String(), " ")
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}
