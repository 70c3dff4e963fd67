package appeal

// CommitTogether writes forms as one batch, and says what each was told.
func (i *Intake) CommitTogether(forms ...Form) []error {
	var b batch
	told := make([]error, len(forms))
	for _, f := range forms {
		good, err := f.check(i.IsCountry)
		if err != nil {
			panic(err)
		}
		b.requests = append(b.requests, &job[checked, int64]{in: good, finish: make(chan struct{})})
	}
	i.commit(b)
	for n, j := range b.requests {
		<-j.finish
		told[n] = j.err
	}
	return told
}

// SpokenIn is spokenIn.
func SpokenIn(words, form string) string { return spokenIn(words, form) }
