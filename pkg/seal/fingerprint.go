package seal

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ErrWrongKeys says that keys are not those that a fingerprint was taken of.
var ErrWrongKeys = errors.New("these are not the keys")

// Fingerprint knows keys again without telling anything about them: for every
// key, named by its ring and version as in "seal 2", 16 bytes of HMAC-SHA256
// under that key, in hexadecimal.
type Fingerprint map[string]string

// Fingerprint is that of the keys as they are.
func (k *Keys) Fingerprint() Fingerprint {
	set := k.set.Load()
	f := Fingerprint{MailRing: printOf(MailRing, set.mail)}
	for ring, keys := range map[string]map[byte][]byte{SealRing: set.sealing.keys, TokenRing: set.token.keys} {
		for v, key := range keys {
			name := fmt.Sprintf("%s %d", ring, v)
			f[name] = printOf(name, key)
		}
	}
	return f
}

func printOf(name string, key []byte) string {
	return hex.EncodeToString(mac(key, []byte("fingerprint of "+name)))
}

// Matches says whether keys can stand in for those of the fingerprint: every
// sealing key and the mail key are there, and no key of the same name is
// another. Token keys may be gone, for those are retired on purpose. It
// returns the names of the ones that are. ErrWrongKeys names the first fault.
func (f Fingerprint) Matches(k *Keys) (gone []string, err error) {
	have := k.Fingerprint()
	for _, name := range slices.Sorted(maps.Keys(f)) {
		print, there := have[name]
		switch {
		case there && print != f[name]:
			return nil, fmt.Errorf("%w: the key %q is another", ErrWrongKeys, name)
		case !there && strings.HasPrefix(name, TokenRing):
			gone = append(gone, name)
		case !there:
			return nil, fmt.Errorf("%w: the key %q is missing", ErrWrongKeys, name)
		}
	}
	return gone, nil
}
