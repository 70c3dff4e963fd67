// Package seal holds the campaign's keys and what is made with them: sealed
// columns, keyed hashes of e-mail addresses, and the tokens in links. It does
// not know what is sealed or why.
//
// There are three key rings, one file each. The sealing and the token ring
// can be rotated while programs run: new things use the newest key, old things
// name theirs. The mail key cannot, because the unique index over hashed
// addresses is built on it.
package seal

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// ErrMissing says that a folder holds no keys.
var ErrMissing = errors.New("keys are missing")

// ErrOpen says that a sealed value does not belong to this row and column, or
// was sealed with another key.
var ErrOpen = errors.New("sealed value does not open")

const keyBytes = 32

// ring is the keys of one purpose by version, 1 to 255.
type ring struct {
	keys   map[byte][]byte
	newest byte
}

// Keys are all keys of one installation, as its folder holds them: another
// process may change that at any time, see Refresh. Safe for concurrent use.
type Keys struct {
	dir     string
	set     atomic.Pointer[keySet]
	reading sync.Mutex
}

// keySet is the keys as read at one time. Never changed after it was made.
type keySet struct {
	sealing ring
	aead    map[byte]cipher.AEAD
	token   ring
	mail    []byte
	read    []fileState // of the files, before they were read
}

// The files of the rings.
const (
	sealFile  = "seal.key"
	tokenFile = "token.key"
	mailFile  = "mail.key"
)

var files = []string{sealFile, tokenFile, mailFile}

// Exists says whether any key file is in the folder.
func Exists(dir string) bool {
	for _, f := range files {
		if _, err := os.Stat(filepath.Join(dir, f)); err == nil {
			return true
		}
	}
	return false
}

// Create makes new keys in a folder that holds none, files with mode 0600.
func Create(dir string) (*Keys, error) {
	if Exists(dir) {
		return nil, fmt.Errorf("create keys: %s holds some already", filepath.Base(dir))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create keys: %w", err)
	}
	for _, f := range files {
		key := make([]byte, keyBytes)
		if _, err := rand.Read(key); err != nil {
			return nil, fmt.Errorf("create keys: %w", err)
		}
		if err := writeSynced(filepath.Join(dir, f), fmt.Sprintf("1 %x\n", key)); err != nil {
			return nil, fmt.Errorf("create keys: %w", err)
		}
	}
	folder, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("create keys: %w", err)
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return nil, fmt.Errorf("create keys: %w", err)
	}
	return Load(dir)
}

func writeSynced(path, text string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// Load reads the keys. ErrMissing when a file is absent.
func Load(dir string) (*Keys, error) {
	set, err := readSet(dir)
	if err != nil {
		return nil, err
	}
	k := &Keys{dir: dir}
	k.set.Store(set)
	return k, nil
}

func readSet(dir string) (*keySet, error) {
	set := &keySet{aead: map[byte]cipher.AEAD{}, read: look(dir)}
	var rings [3]ring
	for i, f := range files {
		r, err := readRing(filepath.Join(dir, f))
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%w: %s", ErrMissing, f)
		}
		if err != nil {
			return nil, fmt.Errorf("read key file %s: %w", f, err)
		}
		rings[i] = r
	}
	if len(rings[2].keys) != 1 {
		return nil, fmt.Errorf("read key file mail.key: it must hold one key, for the unique index is built on it")
	}
	set.sealing, set.token, set.mail = rings[0], rings[1], rings[2].keys[rings[2].newest]
	for v, key := range set.sealing.keys {
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		if set.aead[v], err = cipher.NewGCM(block); err != nil {
			return nil, err
		}
	}
	return set, nil
}

func readRing(path string) (ring, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return ring{}, err
	}
	r := ring{keys: map[byte][]byte{}}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for lines.Scan() {
		version, text, ok := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		if version == "" {
			continue
		}
		n, err := strconv.ParseUint(version, 10, 8)
		key, hexErr := hex.DecodeString(text)
		if err != nil || n == 0 || !ok || hexErr != nil || len(key) != keyBytes {
			return ring{}, errors.New("want lines of a version (1 to 255) and 64 hexadecimal digits")
		}
		if r.keys[byte(n)] != nil {
			return ring{}, fmt.Errorf("version %d stands there twice", n)
		}
		r.keys[byte(n)] = key
		r.newest = max(r.newest, byte(n))
	}
	if r.newest == 0 {
		return ring{}, errors.New("it holds no key")
	}
	return r, lines.Err()
}

// Seal encrypts a value for one column of one row (AES-256-GCM). The result
// is key version (1 byte), nonce (12), ciphertext, tag (16). An empty value
// stays empty.
func (k *Keys) Seal(column string, row int64, plain []byte) []byte {
	if len(plain) == 0 {
		return nil
	}
	set := k.set.Load()
	out := make([]byte, 13, 13+len(plain)+16)
	out[0] = set.sealing.newest
	_, _ = rand.Read(out[1:13]) // never fails since Go 1.24
	return set.aead[out[0]].Seal(out, out[1:13], plain, binding(column, row))
}

// Open decrypts what Seal made for the same column and row; else ErrOpen.
func (k *Keys) Open(column string, row int64, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	aead := k.set.Load().aead[sealed[0]]
	if aead == nil {
		aead = k.latest().aead[sealed[0]]
	}
	if aead == nil || len(sealed) < 13+16 {
		return nil, fmt.Errorf("%w: column %s row %d", ErrOpen, column, row)
	}
	plain, err := aead.Open(nil, sealed[1:13], sealed[13:], binding(column, row))
	if err != nil {
		return nil, fmt.Errorf("%w: column %s row %d", ErrOpen, column, row)
	}
	return plain, nil
}

func binding(column string, row int64) []byte {
	return binary.BigEndian.AppendUint64(append([]byte(column), 0), uint64(row))
}

// MailKey is the keyed hash under which an address is known within a scope
// (an appeal's id; 0 for the register and the outbox): HMAC-SHA256 of the
// folded address, cut to 16 bytes.
func (k *Keys) MailKey(scope int64, folded string) []byte {
	return k.hash("mail", scope, folded)
}

// DomainKey is the keyed hash of a mail domain, RangeKey that of an address
// range; both 16 bytes.
func (k *Keys) DomainKey(domain string) []byte { return k.hash("domain", 0, domain) }

// PostKey is a mail domain in what is counted of mail, made from its DomainKey:
// another hash, so that nobody finds there again what a signature has.
func (k *Keys) PostKey(domain []byte) []byte { return k.hash("post", 0, string(domain)) }

// RangeKey is the keyed hash of an address range.
func (k *Keys) RangeKey(prefix string) []byte { return k.hash("range", 0, prefix) }

// MailMark is what shows that we sent the mail of a row: 80 bits that nobody
// guesses, in hexadecimal digits. It never changes, for it is made with the
// mail key.
func (k *Keys) MailMark(row int64) string { return hex.EncodeToString(k.hash("mark", row, "")[:10]) }

// StopKey is the key under which is kept what a recipient, given by the key of
// the address, wants no more; 16 bytes.
func (k *Keys) StopKey(recipient []byte) []byte { return k.hash("stop", 0, string(recipient)) }

func (k *Keys) hash(purpose string, scope int64, text string) []byte {
	mac := hmac.New(sha256.New, k.set.Load().mail)
	mac.Write(binding(purpose, scope))
	mac.Write([]byte(text))
	return mac.Sum(nil)[:16]
}

// Column is a sealed column: where it is stored, and the name it is bound
// under. A domain lists its own, so that verify can open them all.
type Column struct{ Table, Name, Binding string }

// Files are the names of the files in a folder of keys.
func Files() []string { return slices.Clone(files) }
