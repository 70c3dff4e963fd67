package testkit

import (
	"math/rand/v2"
	"strings"
)

// crowdWords are what names are made of, so that many share some.
var crowdWords = strings.Fields("peace harbour choir women youth korea united bridge lantern river school house league union network light hope mercy justice " +
	"평화 통일 연대 시민 여성 청년 모임 센터 мир дом свет союз женщины سلام بيت نور جمعية 和平 协会 青年 希望 शांति दीप ειρήνη φως")

// CrowdName is the name of the i-th of many invented organizations, always the
// same for the same i. Two may have the same name.
func CrowdName(i int) string {
	draw := rand.New(rand.NewPCG(uint64(i), 7))
	var name []string
	for range 2 + draw.IntN(3) {
		name = append(name, crowdWords[draw.IntN(len(crowdWords))])
	}
	return strings.Join(name, " ")
}
