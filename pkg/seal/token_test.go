package seal_test

import (
	"encoding/base64"
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/seal"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var purposes = []seal.Purpose{
	seal.ConfirmSignature, seal.ViewSignature, seal.EnterCode, seal.ConfirmApplication,
	seal.ViewApplication, seal.SignInToPortal, seal.FirstAdmin,
}

func TestATokenSaysWhatWasPutIntoIt(t *testing.T) {
	t.Parallel()
	k := keys(t)
	for _, want := range []seal.Token{
		{Purpose: seal.ViewSignature, Row: 1},
		{Purpose: seal.ConfirmSignature, Row: math.MaxInt64, Expires: now.Add(time.Hour), Counter: math.MaxUint16},
		{Purpose: seal.SignInToPortal, Row: 42, Expires: now.Add(time.Second), Counter: 1},
		{Purpose: seal.FirstAdmin, Expires: now.Add(24 * time.Hour)},
		{Purpose: seal.EnterCode, Row: -1, Counter: 256},
	} {
		text := k.Token(want)
		if !regexp.MustCompile(`^[A-Za-z0-9_-]{48}$`).MatchString(text) {
			t.Errorf("%+v is written as %q, want 48 characters that no mail program breaks", want, text)
		}
		got, err := k.Parse(want.Purpose, text, now)
		if err != nil || got.Row != want.Row || got.Counter != want.Counter || got.Purpose != want.Purpose || !got.Expires.Equal(want.Expires) {
			t.Errorf("%+v came back as %+v, %v", want, got, err)
		}
	}
}

func TestTheSameValuesGiveTheSameTokenAndOthersAnother(t *testing.T) {
	t.Parallel()
	k := keys(t)
	one := seal.Token{Purpose: seal.ViewSignature, Row: 1, Expires: now, Counter: 1}
	if first, again := k.Token(one), k.Token(one); first != again {
		t.Error("a repeated mail has another link")
	}
	for name, change := range map[string]func(*seal.Token){
		"purpose": func(x *seal.Token) { x.Purpose = seal.EnterCode },
		"row":     func(x *seal.Token) { x.Row = 2 },
		"expiry":  func(x *seal.Token) { x.Expires = now.Add(time.Second) },
		"counter": func(x *seal.Token) { x.Counter = 2 },
	} {
		other := one
		change(&other)
		if k.Token(one) == k.Token(other) {
			t.Errorf("another %s gives the same token", name)
		}
	}
	if k.Token(one) == keys(t).Token(one) {
		t.Error("another installation makes the same token")
	}
}

func TestATokenIsGoodForItsPurposeAlone(t *testing.T) {
	t.Parallel()
	k := keys(t)
	for _, made := range purposes {
		text := k.Token(seal.Token{Purpose: made, Row: 1})
		for _, wanted := range purposes {
			got, err := k.Parse(wanted, text, now)
			if made == wanted && err != nil {
				t.Errorf("purpose %d: %v", made, err)
			}
			if made != wanted && (!errors.Is(err, seal.ErrForged) || got != (seal.Token{})) {
				t.Errorf("made for %d, used for %d: %+v, %v, want ErrForged", made, wanted, got, err)
			}
		}
	}
}

func TestATokenExpiresToTheSecond(t *testing.T) {
	t.Parallel()
	k := keys(t)
	text := k.Token(seal.Token{Purpose: seal.ConfirmSignature, Row: 9, Expires: now})
	if _, err := k.Parse(seal.ConfirmSignature, text, now.Add(-time.Second)); err != nil {
		t.Errorf("a second before: %v", err)
	}
	for _, late := range []time.Duration{0, time.Second, 100 * 365 * 24 * time.Hour} {
		got, err := k.Parse(seal.ConfirmSignature, text, now.Add(late))
		if !errors.Is(err, seal.ErrExpired) || got.Row != 9 {
			t.Errorf("%s after: row %d, %v, want row 9 and ErrExpired", late, got.Row, err)
		}
	}
	forever := k.Token(seal.Token{Purpose: seal.ViewSignature, Row: 9})
	if _, err := k.Parse(seal.ViewSignature, forever, now.Add(100*365*24*time.Hour)); err != nil {
		t.Errorf("one without expiry, a hundred years on: %v", err)
	}
}

func TestATokenWithAnyOneBitChangedIsForged(t *testing.T) {
	t.Parallel()
	k := keys(t)
	text := k.Token(seal.Token{Purpose: seal.ConfirmSignature, Row: 9, Expires: now.Add(time.Hour), Counter: 3})
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(raw) * 8 {
		raw[bit/8] ^= 1 << (bit % 8)
		if got, err := k.Parse(seal.ConfirmSignature, base64.RawURLEncoding.EncodeToString(raw), now); !errors.Is(err, seal.ErrForged) || got != (seal.Token{}) {
			t.Fatalf("bit %d turned: %+v, %v, want ErrForged", bit, got, err)
		}
		raw[bit/8] ^= 1 << (bit % 8)
	}
	for i := range text {
		for bit := range 8 {
			changed := []byte(text)
			changed[i] ^= 1 << bit
			if _, err := k.Parse(seal.ConfirmSignature, string(changed), now); !errors.Is(err, seal.ErrForged) {
				t.Fatalf("bit %d of character %d turned (%q): %v, want ErrForged", bit, i, changed[i], err)
			}
		}
	}
}

func TestWhatAMailProgramStuckToTheEndIsPassedOver(t *testing.T) {
	t.Parallel()
	k := keys(t)
	text := k.Token(seal.Token{Purpose: seal.ConfirmSignature, Row: 9})
	for _, tail := range []string{">", ".", ",", ">.", ")", `"`, "'", "];", "!", "?", "}:"} {
		if got, err := k.Parse(seal.ConfirmSignature, text+tail, now); err != nil || got.Row != 9 {
			t.Errorf("with %q: row %d, %v", tail, got.Row, err)
		}
	}
}

func TestWhatIsNoTokenIsForged(t *testing.T) {
	t.Parallel()
	k := keys(t)
	good := k.Token(seal.Token{Purpose: seal.ConfirmSignature, Row: 9})
	for name, text := range map[string]string{
		"nothing":                       "",
		"only punctuation":              strings.Repeat(">", 48),
		"a character short":             good[1:],
		"cut":                           good[:47],
		"a character more":              good + "A",
		"padded":                        good + "=",
		"spaces around":                 " " + good,
		"twice":                         good + good,
		"a megabyte":                    strings.Repeat("A", 1<<20),
		"base64 of the other kind":      strings.Repeat("+/", 24),
		"zero bytes":                    strings.Repeat("A", 48),
		"all ones":                      strings.Repeat("_", 48),
		"only line breaks":              strings.Repeat("\n", 48),
		"only carriage returns":         strings.Repeat("\r", 48),
		"its beginning and line breaks": good[:4] + strings.Repeat("\n", 44),
		"its half and line breaks":      good[:24] + strings.Repeat("\n", 24),
		"a line break for a character":  good[:20] + "\n" + good[21:],
		"48 bytes of other scripts":     strings.Repeat("평", 16),
		"broken UTF-8":                  strings.Repeat("\xff", 48),
	} {
		if got, err := k.Parse(seal.ConfirmSignature, text, now); !errors.Is(err, seal.ErrForged) || got != (seal.Token{}) {
			t.Errorf("%s: %+v, %v, want ErrForged", name, got, err)
		}
	}
}

func TestATokenOfAnotherInstallationIsForged(t *testing.T) {
	t.Parallel()
	text := keys(t).Token(seal.Token{Purpose: seal.ConfirmSignature, Row: 9})
	if _, err := keys(t).Parse(seal.ConfirmSignature, text, now); !errors.Is(err, seal.ErrForged) {
		t.Errorf("%v, want ErrForged", err)
	}
}

func TestMailedLinksOutliveARotation(t *testing.T) {
	t.Parallel()
	one, two := keyLine("1", "a"), keyLine("2", "d")
	token := seal.Token{Purpose: seal.ViewSignature, Row: 9}
	before, after := load(t, folder(t, one, one, one)), load(t, folder(t, one, one+two, one))
	if got, err := after.Parse(seal.ViewSignature, before.Token(token), now); err != nil || got.Row != 9 {
		t.Errorf("a link from before: row %d, %v", got.Row, err)
	}
	if before.Token(token) == after.Token(token) {
		t.Error("new links are made with the old key")
	}
	if _, err := before.Parse(seal.ViewSignature, after.Token(token), now); !errors.Is(err, seal.ErrForged) {
		t.Errorf("a link of a key that is not there: %v, want ErrForged", err)
	}
	dropped := load(t, folder(t, one, two, one))
	if _, err := dropped.Parse(seal.ViewSignature, before.Token(token), now); !errors.Is(err, seal.ErrForged) {
		t.Errorf("a link of a dropped key: %v, want ErrForged", err)
	}
}

func TestTheCodeHasSixDigitsAndIsTheRows(t *testing.T) {
	t.Parallel()
	k := keys(t)
	six := regexp.MustCompile(`^[0-9]{6}$`)
	seen := map[string]bool{}
	for row := range int64(2000) {
		code := k.Code(row)
		if !six.MatchString(code) {
			t.Fatalf("code of row %d is %q", row, code)
		}
		if code != k.Code(row) {
			t.Fatalf("row %d has two codes", row)
		}
		seen[code] = true
	}
	if len(seen) < 1950 { // about two pairs in two thousand meet by chance
		t.Errorf("only %d codes for 2000 rows", len(seen))
	}
	if k.Code(1) == keys(t).Code(1) && k.Code(2) == keys(t).Code(2) {
		t.Error("codes do not depend on the key")
	}
}

func TestTheProofCodeIsTheRowsAndOutlivesARotation(t *testing.T) {
	t.Parallel()
	one, two := keyLine("1", "a"), keyLine("2", "d")
	before, after := load(t, folder(t, one, one, one)), load(t, folder(t, one, one+two, one))
	form := regexp.MustCompile(`^ob-[a-z2-7]{16}$`)
	seen := map[string]bool{}
	for row := range int64(2000) {
		code := before.ProofCode(row)
		if !form.MatchString(code) || seen[code] {
			t.Fatalf("the code of row %d is %q", row, code)
		}
		seen[code] = true
		if good := after.ProofCodes(row); len(good) != 2 || !slices.Contains(good, code) || !slices.Contains(good, after.ProofCode(row)) {
			t.Fatalf("after a rotation %v are good, want %s among them", good, code)
		}
	}
	if before.ProofCode(1) == after.ProofCode(1) || seen[after.ProofCode(1)] {
		t.Error("the code is not that of the newest key")
	}
}
