package address

import "testing"

func TestAddressesOfOneSiteHaveOneKey(t *testing.T) {
	t.Parallel()
	for key, sites := range map[string][]string{
		"harbour.org":   {"harbour.org", "http://harbour.org", "https://www.harbour.org/", "https://HARBOUR.org/about?x=1#y", "https://m.harbour.org", "https://ko.harbour.org/peace"},
		"harbour.co.uk": {"https://www.harbour.co.uk", "https://choir.harbour.co.uk/x"}, "harbour.or.kr": {"http://www.harbour.or.kr", "https://m.harbour.or.kr/main"},
		"choir.example": {"https://choir.example", "https://a.b.choir.example/c"}, "xn--of8bo0c.xn--3e0b707e": {"https://평화.한국", "www.평화.한국/가"},
		"city.gov": {"https://city.gov/peace", "https://www.city.gov/war"}, "university.edu": {"https://www.university.edu/~choir", "https://peace.university.edu"},
		"facebook.com/harbourchoir": {"https://facebook.com/harbourchoir", "http://www.facebook.com/HarbourChoir/", "https://m.facebook.com/harbourchoir?ref=x", "https://ko-kr.facebook.com/harbourchoir/about", "fb.com/harbourchoir",
			"https://www.facebook.com/pg/harbourchoir/about", "https://www.facebook.com/pages/harbourchoir/1234"},
		"facebook.com?1234": {"https://www.facebook.com/profile.php?id=1234", "https://m.facebook.com/profile.php?id=1234&x=y"}, "facebook.com/groups/peace": {"https://www.facebook.com/groups/peace/posts/1"},
		"instagram.com/harbour": {"https://www.instagram.com/harbour/", "instagram.com/Harbour?hl=ko"}, "x.com/harbour": {"https://x.com/harbour", "https://twitter.com/Harbour/", "https://mobile.twitter.com/harbour/status/1"},
		"youtube.com/@harbour": {"https://www.youtube.com/@harbour", "https://m.youtube.com/@Harbour/videos"}, "youtube.com/channel/uc1": {"https://youtube.com/channel/UC1"},
		"linktr.ee/harbour": {"https://linktr.ee/harbour"}, "sites.google.com/view/harbour": {"https://sites.google.com/view/harbour", "https://sites.google.com/view/harbour/home"},
		"blog.naver.com/harbour": {"https://blog.naver.com/harbour", "https://m.blog.naver.com/harbour/123"}, "cafe.naver.com/harbour": {"http://cafe.naver.com/harbour"}, "cafe.daum.net/harbour": {"http://cafe.daum.net/harbour/a"},
		"naver.com": {"https://naver.com", "https://www.naver.com/x"}, "harbour.tistory.com": {"https://harbour.tistory.com", "https://harbour.tistory.com/12"},
		"harbour.wordpress.com": {"https://harbour.wordpress.com", "https://harbour.wordpress.com/2024/01"}, "harbour.blogspot.com": {"https://harbour.blogspot.com", "http://harbour.blogspot.de/x", "harbour.blogspot.co.uk"},
		"harbour.wixsite.com/choir": {"https://harbour.wixsite.com/choir", "https://harbour.wixsite.com/choir/about", "http://harbour.wixsite.com/Choir"}, "harbour.github.io": {"https://harbour.github.io/choir"},
		"github.com/harbour": {"https://github.com/harbour/site", "https://github.com/orgs/harbour"}, "medium.com/@harbour": {"https://medium.com/@harbour", "medium.com/@Harbour/post"}, "harbour.medium.com": {"https://harbour.medium.com/x"},
		"t.me/harbour": {"https://t.me/harbour", "https://t.me/s/harbour", "telegram.me/harbour"}, "vk.com/harbour": {"https://vk.com/harbour", "https://m.vk.com/harbour", "vk.ru/harbour"},
		"weibo.com/harbour": {"https://weibo.com/harbour", "https://www.weibo.com/harbour?x"}, "weibo.com/u/123": {"https://weibo.com/u/123", "https://m.weibo.cn/u/123"}, "linkedin.com/company/harbour": {"https://kr.linkedin.com/company/harbour/"},
		"harbour.substack.com": {"https://harbour.substack.com/p/x"}, "instagram.com/평화": {"https://instagram.com/%ED%8F%89%ED%99%94"},
		"": {"", "no site", "https://facebook.com", "https://www.instagram.com/", "https://wordpress.com", "https://sites.google.com/view", "javascript:alert(1)", "https://github.io", "https://linkedin.com/company/"},
	} {
		for _, s := range sites {
			if got := SiteKey(s); got != key {
				t.Errorf("SiteKey(%q) = %q, want %q", s, got, key)
			}
		}
	}
}

func TestTenantsOfASharedHostAreKeptApart(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"https://facebook.com/a", "https://facebook.com/b"}, {"https://a.wordpress.com", "https://b.wordpress.com"}, {"https://a.wixsite.com/x", "https://a.wixsite.com/y"},
		{"https://facebook.com/profile.php?id=1", "https://facebook.com/profile.php?id=2"}, {"https://instagram.com/a", "https://facebook.com/a"}, {"https://blog.naver.com/a", "https://cafe.naver.com/a"},
		{"https://youtube.com/channel/a", "https://youtube.com/channel/b"}, {"https://a.github.io", "https://b.github.io"}, {"https://t.me/s/a", "https://t.me/s/b"}, {"https://a.or.kr", "https://b.or.kr"},
		{"https://sites.google.com/view/a", "https://sites.google.com/view/b"}, {"https://a.jp", "https://a.kr"}, {"https://facebook.com/people/x/1", "https://facebook.com/people/y/1"},
	} {
		if a, b := SiteKey(pair[0]), SiteKey(pair[1]); a == b || a == "" {
			t.Errorf("%s and %s have the keys %q and %q", pair[0], pair[1], a, b)
		}
	}
}

func FuzzSiteKey(f *testing.F) {
	for _, s := range []string{"https://facebook.com/a/b?id=3", "https://a.wixsite.com/x", "https://평화.한국/가", "https://m.www.m.org", "https://x.blogspot.de", "https://t.me/s/%ff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if w, err := ParseWebsite(s); err == nil && SiteKey(s) != SiteKey(w.URL) {
			t.Errorf("%q has the key %q, and as %q %q", s, SiteKey(s), w.URL, SiteKey(w.URL))
		}
	})
}
