package demo

import (
	"context"
	"net/url"
	"strings"
	"time"

	"olivebranch/pkg/placement"
	"olivebranch/pkg/registry"
)

// placeDays is for how many days banners have been seen in the demo.
const placeDays = 30

// seedPlaces lets the partners' banners be seen on their pages, and returns
// where each stands. Some never placed one, and one has lost it.
func seedPlaces(ctx context.Context, p Parts, c *content, ids map[string]int64, now time.Time) (map[int64][]int64, error) {
	seen := map[int64][]placement.Page{}
	for i, o := range c.Partners {
		id, ok := ids[o.Slug]
		if !ok || registry.PartnerState(o.State) != registry.Active || i%5 == 4 {
			continue
		}
		host, _, _ := strings.Cut(strings.TrimPrefix(o.Website, "https://"), "/")
		seen[id] = []placement.Page{{Host: host, Path: "/"}, {Host: host, Path: "/peace"}}
		switch i % 4 {
		case 0:
			seen[id] = append(seen[id], placement.Page{Host: "letters-of-" + o.Slug + ".example", Path: "/2026/평화"}, placement.Page{Host: "1953-727-atari-embeds.googleusercontent.com"})
		case 1:
			seen[id] = append(seen[id], placement.Page{Host: "news." + host, Path: "/appeal"}, placement.Page{Host: foreign(c, i)})
		case 3:
			seen[id] = append(seen[id], placement.Page{})
		}
		from := 0
		if i == 3 {
			from = 12
		}
		for n, page := range seen[id] {
			for ago := from; ago < placeDays-n; ago++ {
				for shown := range 3 + (i+ago)%7 {
					at := now.AddDate(0, 0, -ago)
					p.Places.Notes.See(placement.Sight{Partner: id, Layout: uint8((n * shown) % 2), At: url.QueryEscape(page.At()), Now: at})
					if shown%4 == 3 && page.Known() {
						p.Places.Notes.Click(id, page.At(), at)
					}
				}
			}
		}
	}
	if _, err := p.Places.Write(ctx); err != nil {
		return nil, err
	}
	at := map[int64][]int64{}
	for id, pages := range seen {
		for _, page := range pages[:2] {
			row, err := p.Places.Find(ctx, id, page)
			if err != nil {
				return nil, err
			}
			at[id] = append(at[id], row)
		}
	}
	return at, nil
}

// foreign is the host of another partner.
func foreign(c *content, i int) string {
	host, _, _ := strings.Cut(strings.TrimPrefix(c.Partners[(i+1)%len(c.Partners)].Website, "https://"), "/")
	return host
}
