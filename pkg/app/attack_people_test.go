package app_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"olivebranch/pkg/appeal"
)

// This file makes the people, and the machines, of the attack set. Sizes,
// rates and proportions are drawn anew for each seed, within what is plausible;
// nothing here knows what scrutiny looks for.

// visit is one request, and what comes of it.
type visit struct {
	of      string        // the case it belongs to
	at      time.Duration // since the campaign's first hour
	form    appeal.Form
	mail    time.Duration // until the mail is there
	confirm time.Duration // after the mail; negative for never
	row     int64
	seq     int
}

// draws makes people.
type draws struct {
	*rand.Rand
	visits   []*visit
	n        int
	partners []int64
	middle   float64 // seconds until half of the people have confirmed
	spread   float64 // of the logarithm
}

// land is what a country's people are like on the net.
type land struct {
	code, lang    string
	zone          float64
	providers     []string
	shares        []float64
	own           float64 // part with a domain of their own or of an organization
	top           string
	given, family []string
	latin         bool
	weight        float64
}

var lands = []land{
	{"KR", "ko", 9, w("naver.com gmail.com hanmail.net daum.net kakao.com nate.com"), []float64{45, 28, 9, 8, 6, 4}, .06, "kr", w("민준 서연 도윤 지우 서준 하은 주원 수아 예준 지민 현우 민서 지훈 은지 영희 철수 순자 정숙 성호 미경"), w("김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송"), false, 30},
	{"US", "en", -6, w("gmail.com yahoo.com outlook.com hotmail.com icloud.com aol.com comcast.net"), []float64{52, 14, 8, 8, 9, 5, 4}, .09, "org", w("james mary robert patricia john jennifer michael linda david elizabeth william barbara richard susan joseph jessica thomas sarah karen nancy lisa betty helen sandra ashley kim donna emily carol ruth sharon laura amy anna brian kevin george edward ronald timothy jason jeffrey ryan jacob gary nicholas eric jonathan stephen larry"), w("smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson thomas taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis robinson walker young allen king wright scott torres nguyen hill flores green adams nelson baker hall rivera campbell mitchell carter roberts"), true, 16},
	{"DE", "de", 1, w("gmail.com gmx.de web.de t-online.de gmx.net freenet.de outlook.com"), []float64{30, 20, 20, 13, 6, 5, 6}, .13, "de", w("anna peter maria thomas ursula michael monika andreas petra wolfgang sabine klaus renate hans karin jurgen brigitte stefan ingrid christian erika uwe andrea frank heike jan lena paul lukas emma felix"), w("muller schmidt schneider fischer weber meyer wagner becker schulz hoffmann koch bauer richter klein wolf schroder neumann schwarz zimmermann braun kruger hofmann lange werner krause lehmann maier kohler"), true, 10},
	{"JP", "ja", 9, w("gmail.com yahoo.co.jp docomo.ne.jp ezweb.ne.jp softbank.ne.jp icloud.com"), []float64{38, 30, 12, 9, 6, 5}, .07, "jp", w("陽翔 蓮 湊 陽葵 凛 結菜 翔太 美咲 健太 直樹 恵子 和子 幸子 洋子 隆 誠"), w("佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 松本"), false, 9},
	{"IN", "en", 5.5, w("gmail.com yahoo.co.in rediffmail.com outlook.com hotmail.com"), []float64{78, 9, 5, 5, 3}, .05, "in", w("aarav vihaan aditya sai arjun ananya diya saanvi priya rahul amit sunita anil kavita suresh deepa rajesh meena vijay lakshmi sanjay pooja manoj neha"), w("sharma verma gupta singh kumar patel reddy nair iyer das roy khan mehta joshi rao mishra yadav pandey chauhan jain"), true, 14},
	{"ID", "id", 7, w("gmail.com yahoo.co.id outlook.com icloud.com"), []float64{84, 8, 5, 3}, .05, "id", w("budi siti agus dewi andi rina joko sri eko wati dwi nur yanto lestari hendra fitri rizky putri dian bayu"), w("santoso wijaya hidayat saputra lestari nugroho setiawan kusuma pratama utami siregar nasution wibowo rahman hakim"), true, 9},
	{"FR", "fr", 1, w("gmail.com orange.fr hotmail.fr free.fr laposte.net wanadoo.fr yahoo.fr sfr.fr"), []float64{38, 14, 12, 9, 7, 7, 7, 6}, .08, "fr", w("jean marie pierre michel francoise philippe monique alain nathalie isabelle nicolas sylvie christophe sophie laurent camille julien lea hugo chloe"), w("martin bernard dubois thomas robert richard petit durand leroy moreau simon laurent lefebvre michel garcia david bertrand roux vincent fournier"), true, 6},
	{"RU", "ru", 3, w("mail.ru yandex.ru gmail.com bk.ru rambler.ru list.ru inbox.ru"), []float64{36, 28, 20, 5, 5, 3, 3}, .05, "ru", w("Анна Иван Мария Сергей Елена Дмитрий Ольга Алексей Наталья Андрей Татьяна Михаил Светлана Николай"), w("Иванова Смирнов Кузнецов Попова Васильев Петрова Соколов Михайлов Новикова Фёдоров Морозов Волкова"), false, 6},
}

func w(s string) []string { return strings.Fields(s) }

func newDraws(seed uint64, partners []int64) *draws {
	d := &draws{Rand: rand.New(rand.NewPCG(seed, 2026)), partners: partners}
	d.middle, d.spread = d.between(150, 420), d.between(1.2, 1.7)
	return d
}

func (d *draws) between(a, b float64) float64 { return a + (b-a)*d.Float64() }
func (d *draws) some(a, b float64) int        { return int(d.between(a, b)) }

// zipf draws 0 to n-1, the k-th in proportion to 1/(k+1).
func (d *draws) zipf(n int) int {
	return min(n-1, int(math.Exp(d.Float64()*math.Log(float64(n+1))))-1)
}

func (d *draws) pick(weights []float64) int {
	sum := 0.0
	for _, x := range weights {
		sum += x
	}
	at := d.Float64() * sum
	for i, x := range weights {
		if at -= x; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

func (d *draws) lognormal(middle, spread float64) time.Duration {
	return seconds(middle * math.Exp(spread*d.NormFloat64()))
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func (d *draws) land() *land {
	weights := make([]float64, len(lands))
	for i := range lands {
		weights[i] = lands[i].weight
	}
	return &lands[d.pick(weights)]
}

func landOf(code string) *land {
	for i := range lands {
		if lands[i].code == code {
			return &lands[i]
		}
	}
	panic(code)
}

// domain is that of somebody's mail.
func (d *draws) domain(l *land) string {
	if d.Float64() < l.own {
		return fmt.Sprintf("org%d.%s", d.zipf(30_000), l.top)
	}
	return l.providers[d.pick(l.shares)]
}

// network is where somebody is at home: a carrier's exit, or a line.
func (d *draws) network(l *land) string {
	i := 0
	for k := range lands {
		if lands[k].code == l.code {
			i = k
		}
	}
	if d.Float64() < .35 {
		return fmt.Sprintf("%d.%d.%d.0/24", 100+i, d.IntN(3), d.IntN(48))
	}
	n := d.zipf(6000)
	return fmt.Sprintf("%d.%d.%d.0/24", 60+i, 16+n/250, n%250)
}

// daytime is a moment of a day, from a certain time on, as people of a country
// are awake: few at night, most in the evening.
func (d *draws) daytime(l *land, from time.Duration) time.Duration {
	for {
		at := d.between(0, 24)
		local := math.Mod(at+from.Hours()+l.zone+24, 24)
		awake := .06
		switch {
		case local >= 7 && local < 9:
			awake = .5
		case local >= 9 && local < 18:
			awake = .7
		case local >= 18 && local < 23:
			awake = 1
		case local >= 23 || local < 1:
			awake = .35
		}
		if d.Float64() < awake {
			return from + time.Duration(at*float64(time.Hour))
		}
	}
}

var words = w("sun moon river green happy lucky blue star dream love peace cat dog music soccer flower")

// local is a local part as people have them; n keeps it apart from all others.
func (d *draws) local(l *land, given, family string) string {
	d.n++
	if !l.latin {
		given, family = words[d.IntN(len(words))], words[d.IntN(len(words))]
	}
	number := fmt.Sprint(d.n)
	switch d.IntN(8) {
	case 0:
		return given + "." + family + number
	case 1:
		return given + family + number
	case 2:
		return family + "." + given + number
	case 3:
		return given[:1] + family + number
	case 4:
		return given + number
	case 5:
		return words[d.IntN(len(words))] + number
	case 6:
		return given + "_" + family + number
	}
	return words[d.IntN(len(words))] + "_" + given + number
}

// person is somebody who signs because they want to.
func (d *draws) person(of string, l *land, at time.Duration) *visit {
	return d.relative(of, l, at, l.family[d.zipf(len(l.family))], d.network(l))
}

func (d *draws) relative(of string, l *land, at time.Duration, family, network string) *visit {
	given := l.given[d.zipf(len(l.given))]
	name := strings.ToUpper(given[:1]) + given[1:] + " " + strings.ToUpper(family[:1]) + family[1:]
	if !l.latin {
		name = given + " " + family
		if l.code == "KR" || l.code == "JP" {
			name = family + given
		}
	}
	v := &visit{of: of, at: at, mail: seconds(d.between(.8, 6)), confirm: d.lognormal(d.middle, d.spread)}
	v.form = appeal.Form{Name: name, Email: d.local(l, given, family) + "@" + d.domain(l), Country: l.code, Lang: "en", Consents: appeal.ConsentCount, Range: network}
	// To see a mail, open it, follow its link and press the button takes anybody
	// some seconds.
	v.confirm = max(v.confirm, seconds(d.between(3, 9)))
	if d.Float64() < .35 {
		v.form.PartnerID = d.partners[2+d.zipf(len(d.partners)-2)] // the first two have stories of their own
	}
	if d.Float64() < .19 {
		v.confirm = -1
	} else if d.Float64() < .03 {
		v.confirm = d.lognormal(20*3600, .7)
	}
	return v
}

func (d *draws) add(v *visit) *visit {
	v.seq = len(d.visits)
	d.visits = append(d.visits, v)
	return v
}

// background is the campaign's everyday, with families in it.
func (d *draws) background(from time.Duration, n int) {
	for range n {
		l := d.land()
		v := d.add(d.person("background", l, d.daytime(l, from)))
		if d.Float64() < .1 {
			family := l.family[d.zipf(len(l.family))]
			for range 1 + d.IntN(3) {
				d.add(d.relative("background", l, v.at+seconds(d.between(30, 1500)), family, v.form.Range)).form.PartnerID = v.form.PartnerID
			}
		}
	}
}

// village signs behind one address, most of it in a meeting in the evening,
// with helpers who show where to press.
func (d *draws) village(from time.Duration) {
	l := landOf([]string{"KR", "IN", "DE"}[d.IntN(3)])
	home := "198.18.7.0/24"
	start, partner := from+seconds(d.between(0, 6*3600)), d.partners[2+d.IntN(5)]
	few := d.some(4, 9) // surnames
	middle, spread, lost := d.between(60, 170), d.between(.8, 1.2), d.between(.04, .12)
	for range d.some(220, 520) {
		v := d.add(d.relative("village", l, start+seconds(d.between(0, 2.5*3600)), l.family[d.zipf(few)], home))
		if v.confirm = max(d.lognormal(middle, spread), seconds(d.between(3, 9))); d.Float64() < .25 {
			v.at, v.confirm = d.daytime(l, from), max(d.lognormal(d.middle, d.spread), seconds(d.between(3, 9)))
		}
		if d.Float64() < lost {
			v.confirm = -1
		}
		v.form.PartnerID = partner
	}
}

// university: students with its addresses, from its network, between lectures.
func (d *draws) university(from time.Duration) {
	l := landOf([]string{"US", "IN", "KR", "ID"}[d.IntN(4)])
	start := from + seconds(d.between(0, 8*3600))
	lines := d.some(1, 6)
	policy := d.IntN(2)
	for i := range d.some(900, 2400) {
		v := d.person("university", l, start+time.Duration(d.IntN(7))*time.Hour+d.lognormal(500, .8))
		if d.Float64() < .75 {
			v.form.Range = fmt.Sprintf("198.19.%d.0/24", d.IntN(lines))
		}
		if d.Float64() < .8 {
			given, family, _ := strings.Cut(strings.ToLower(v.form.Name), " ")
			v.form.Email = fmt.Sprintf("s%d@students.hanbat.edu", 20260000+i)
			if policy == 1 && l.latin {
				v.form.Email = fmt.Sprintf("%s.%s%d@students.hanbat.edu", given, family, i)
			}
		}
		v.form.PartnerID = 0
		d.add(v)
	}
}

// viral is the hour after a broadcast.
func (d *draws) viral(from time.Duration) {
	l := landOf([]string{"KR", "JP", "US"}[d.IntN(3)])
	start := from + seconds(d.between(0, 8*3600))
	for range d.some(7000, 13000) {
		v := d.add(d.person("viral", l, start+seconds(d.ExpFloat64()*2200)))
		if d.Float64() < .8 {
			v.form.PartnerID = 0
		}
	}
}

// carrier: a few exits of a mobile carrier, through which a land signs.
func (d *draws) carrier(from time.Duration) {
	l := landOf([]string{"ID", "IN"}[d.IntN(2)])
	exits := d.some(3, 24)
	for range d.some(2500, 5000) {
		v := d.add(d.person("carrier", l, d.daytime(l, from)))
		v.form.Range = fmt.Sprintf("198.51.%d.0/24", d.zipf(exits))
	}
}

// honestPartner brings its own people, all day.
func (d *draws) honestPartner(of string, from time.Duration, partner int64, n int) {
	for range n {
		l := d.land()
		d.add(d.person(of, l, d.daytime(l, from))).form.PartnerID = partner
	}
}

// machine is how a program signs.
type machine struct {
	of        string
	n         int
	start     time.Duration
	lasts     time.Duration
	even      int // of intervals: the shape of their gamma distribution
	domains   []string
	ranges    []string
	lands     []*land
	partner   func() int64
	middle    float64
	spread    float64
	polls     float64 // seconds between looks into its mailboxes; 0 for log-normal
	lost      float64
	templates int // how many ways it makes addresses in
	names     []string
}

func (d *draws) newMachine(of string, from time.Duration) *machine {
	m := &machine{of: of, start: from, even: 1 + d.IntN(5), middle: d.between(6, 45), spread: d.between(.3, .6), lost: d.between(.01, .04),
		templates: 1 + d.IntN(4), partner: func() int64 { return 0 }}
	if d.IntN(2) == 0 {
		m.polls = d.between(15, 90)
	}
	for range 1 + d.IntN(5) {
		m.lands = append(m.lands, d.land())
	}
	return m
}

func (d *draws) throwaway(n int, of string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s%s%s%d.%s", words[d.IntN(len(words))], of, words[d.IntN(len(words))], i, []string{"xyz", "top", "site", "online", "icu"}[d.IntN(5)])
	}
	return out
}

// proxies are lines of other people, or of hosting companies, that a machine
// rents.
func (d *draws) proxies(n, block int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%d.%d.%d.0/24", 170+block, d.IntN(200), d.IntN(250))
	}
	return out
}

func (d *draws) run(m *machine) {
	var gaps []float64
	sum := 0.0
	for range m.n {
		g := 0.0
		for range m.even {
			g += d.ExpFloat64()
		}
		gaps, sum = append(gaps, g), sum+g
	}
	at := m.start
	for i := range m.n {
		at += time.Duration(gaps[i] / sum * float64(m.lasts))
		l := m.lands[d.IntN(len(m.lands))]
		name := ""
		if m.names != nil {
			name = m.names[i]
		} else {
			v := d.relative("", l, 0, l.family[d.IntN(len(l.family))], "")
			name = v.form.Name
		}
		domain := m.domains[d.IntN(len(m.domains))]
		d.n++
		local := fmt.Sprintf("%s%d", words[d.IntN(len(words))], d.n)
		if given, family, ok := strings.Cut(strings.ToLower(name), " "); ok && l.latin {
			local = []string{given + "." + family, given + family, given[:1] + family, given + "_" + family}[d.IntN(m.templates)] + fmt.Sprint(d.n)
		}
		v := &visit{of: m.of, at: at, mail: seconds(d.between(.8, 4)), confirm: d.lognormal(m.middle, m.spread)}
		if m.polls > 0 {
			v.confirm = seconds(1 + d.between(0, m.polls))
		}
		if d.Float64() < m.lost {
			v.confirm = -1
		}
		v.form = appeal.Form{Name: name, Email: local + "@" + domain, Country: l.code, Lang: "en", Consents: appeal.ConsentCount,
			Range: m.ranges[d.IntN(len(m.ranges))], PartnerID: m.partner()}
		d.add(v)
	}
}
