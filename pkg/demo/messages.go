package demo

import (
	"context"

	appeals "olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/report"
)

// reported is the partner about which a visitor says something.
const reported = "heron-lake-peace-circle"

// seedMessages translates the messages that are shown into English, and has
// two visitors report something.
func seedMessages(ctx context.Context, p Parts, c *content, ids map[string]int64) error {
	english := map[string]string{}
	for _, m := range c.Messages {
		english[m.Body] = m.EN
	}
	staff := audit.Actor{Kind: audit.Program}
	var shown []appeals.Message
	for behind, more := (appeals.MessageKey{}), true; more; {
		rows, on, err := p.Messages.Desk(ctx, appeals.ListShown, behind, chunk)
		if err != nil {
			return err
		}
		shown = append(shown, rows...)
		if more = on; more {
			behind = rows[len(rows)-1].Key()
		}
	}
	for _, m := range shown {
		if english[m.Body] == "" || m.Lang == "en" {
			continue
		}
		if err := p.Messages.Translate(ctx, appeals.Rendering{Message: m.ID, Lang: "en", Body: english[m.Body]}, staff); err != nil {
			return err
		}
	}
	if len(shown) == 0 || ids[reported] == 0 {
		return nil
	}
	err := p.Reports.File(ctx, report.Form{Subject: report.OfPartner, SubjectID: ids[reported], Reason: "wrong", Words: "They have moved to another town.", Lang: "en"})
	if err != nil {
		return err
	}
	return p.Reports.File(ctx, report.Form{Subject: report.OfMessage, SubjectID: shown[len(shown)-1].ID, Reason: "person", Lang: "ko"})
}
