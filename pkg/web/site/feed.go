package site

import (
	"encoding/xml"
	"net/http"

	"github.com/gorilla/feeds"
	"github.com/labstack/echo/v4"
)

// atomFeed adds to a feed what gorilla/feeds leaves out of RFC 4287: which
// language its words are in, and where it is found itself. There its name is
// always that of the page.
type atomFeed struct {
	*feeds.AtomFeed
	Lang  string           `xml:"xml:lang,attr"`
	ID    string           `xml:"id"`
	Links []feeds.AtomLink `xml:"link"`
}

// atom answers with a feed in a language. self is the address at which it is
// found, and its name to programs; its link leads to the page on which people
// read the same.
func atom(c echo.Context, feed *feeds.Feed, lang, self string) error {
	body, err := xml.Marshal(atomFeed{(&feeds.Atom{Feed: feed}).AtomFeed(), lang, self, []feeds.AtomLink{
		{Rel: "self", Type: "application/atom+xml", Href: self}, {Rel: "alternate", Type: "text/html", Href: feed.Link.Href},
	}})
	if err != nil {
		return err
	}
	forAll(c)
	return c.Blob(http.StatusOK, "application/atom+xml; charset=utf-8", append([]byte(xml.Header), body...))
}
