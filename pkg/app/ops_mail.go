package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// mailTraffic tells Prometheus how mail goes, as the desk's page does. While
// the database cannot be read it tells nothing.
type mailTraffic struct{ a *App }

var (
	mailSent    = prometheus.NewDesc("olivebranch_mail_sent", "Mails sent in the last hour, or the last 24.", []string{"window"}, nil)
	mailTried   = prometheus.NewDesc("olivebranch_mail_tried", "Mails tried in the last hour, or the last 24, which count towards the ceilings.", []string{"window"}, nil)
	mailOldest  = prometheus.NewDesc("olivebranch_outbox_oldest_seconds", "How long the oldest mail of a kind waits.", []string{"kind"}, nil)
	mailStopped = prometheus.NewDesc("olivebranch_mail_stopped", "Addresses that nothing is mailed to.", nil, nil)
)

// Describe is for Prometheus.
func (m mailTraffic) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, to) }

// Collect is for Prometheus.
func (m mailTraffic) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	d, err := m.a.Outbox.Desk(ctx)
	if err != nil {
		return
	}
	gauge := func(what *prometheus.Desc, n float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(what, prometheus.GaugeValue, n, labels...)
	}
	gauge(mailSent, float64(d.Hour.Sent), "hour")
	gauge(mailSent, float64(d.Day.Sent), "day")
	gauge(mailTried, float64(d.Hour.Tried), "hour")
	gauge(mailTried, float64(d.Day.Tried), "day")
	for _, q := range d.Queue {
		gauge(mailOldest, q.Oldest.Seconds(), string(q.Kind))
	}
	gauge(mailStopped, float64(d.Stopped.Nobody+d.Stopped.Full))
}
