package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// SetSession gives the browser a session's token. The cookie is bound to this
// host (__Host-), unreadable for scripts, and ends with the browser.
func SetSession(c echo.Context, name, token string) {
	c.SetCookie(&http.Cookie{Name: "__Host-" + name, Value: token, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// SessionToken is the token the browser sent, "" if none.
func SessionToken(c echo.Context, name string) string {
	cookie, err := c.Cookie("__Host-" + name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// EndSession takes the token from the browser.
func EndSession(c echo.Context, name string) {
	c.SetCookie(&http.Cookie{Name: "__Host-" + name, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: -1})
}
