package address

import "strings"

// frameHosts are hosts in which site builders put what their customers embed,
// with names that say nothing about whose page it is, or that change. What
// stands there is on an unknown page, never on a wrong one.
var frameHosts = map[string]bool{
	"googleusercontent.com": true, // Google Sites: <number>-atari-embeds.googleusercontent.com around embedded code
	"usercontent.goog":      true, // the same, in its newer place
	"filesusr.com":          true, // Wix: <site>.filesusr.com around HTML elements
	"wixsite.com":           true, // Wix: free sites, and the preview of all others
	"editorx.io":            true, // Wix's Editor X: previews
	"wixstudio.com":         true, // Wix Studio: previews and free sites
	"parastorage.com":       true, // Wix: frames of its apps
	"squarespace.com":       true, // Squarespace: <site>.squarespace.com is the preview of any site there
	"sqsp.net":              true, // the same, short
	"weebly.com":            true, // Weebly: the editor and sites without a name of their own
	"weeblysite.com":        true, // Square Online: the same
	"editmysite.com":        true, // Weebly: frames
	"webflow.io":            true, // Webflow: the staging copy of every site
	"canvas.webflow.com":    true, // Webflow: the editor
	"jimdosite.com":         true, // Jimdo: sites without a name of their own
	"jimdofree.com":         true,
	"cargo.site":            true, // Cargo: the editor and sites without a name
	"myshopify.com":         true, // Shopify: the second name of every shop
	"shopifypreview.com":    true, // Shopify: previews
	"godaddysites.com":      true, // GoDaddy: sites before they get a name
	"wsimg.com":             true, // GoDaddy: frames
	"framer.app":            true, // Framer: the second name of every site
	"framercanvas.com":      true, // Framer: the editor
	"notion.site":           true, // Notion: pages, by a name of the workspace
	"embed.notion.co":       true,
	"wp.com":                true, // WordPress.com: copies and previews
	"translate.goog":        true, // Google Translate: a copy of any page
	"cdn.ampproject.org":    true, // AMP: a copy of any page
	"turbopages.org":        true, // Yandex Turbo: likewise
	"web.archive.org":       true, // the Wayback Machine: likewise
	"iframely.net":          true, // embeds on behalf of other sites
	"embedly.com":           true,
}

// Anybodys says that a page on a host can be anybody's, whoever has the name,
// or that many organizations have pages there. The host is as DNS has it.
func Anybodys(host string) bool { return Builders(host) || SiteKey("https://"+host) == "" }

// Builders says that a host belongs to a site builder, a copier of pages, or
// the like.
func Builders(host string) bool {
	for name := host; name != ""; {
		if frameHosts[name] {
			return true
		}
		_, name, _ = strings.Cut(name, ".")
	}
	return false
}
