package app

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"olivebranch/pkg/appeal"
)

// opsHandler answers operators: /metrics for Prometheus, /verify and
// /retention with the last nightly results.
func (a *App) opsHandler() http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "olivebranch_signatures", Help: "Signatures counted."},
			func() float64 { return float64(a.Tally.Total()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "olivebranch_partners", Help: "Active partners."},
			func() float64 { return float64(a.Register.Len()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "olivebranch_sights_dropped_total", Help: "Showings of banners not noted, because too many different pages were waiting."},
			func() float64 { return float64(a.Places.Notes.Dropped()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "olivebranch_outbox_waiting", Help: "Mails waiting to be sent; -1 if not known."}, a.mailsWaiting),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "olivebranch_held", Help: "Signatures held until somebody decides about them; -1 if not known."},
			func() float64 { return a.held(func(f appeal.HeldFigures) int64 { return f.Waiting }) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "olivebranch_held_overdue", Help: "Held signatures that should have been decided by now; -1 if not known."},
			func() float64 { return a.held(func(f appeal.HeldFigures) int64 { return f.Overdue }) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "olivebranch_mail_delay_seconds", Help: "How long an awaited mail takes at the moment, as pages tell it; for how long none went out, while olivebranch_mail_stuck is 1."},
			func() float64 { return a.lastDelay().About.Seconds() }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "olivebranch_mail_stuck", Help: "1 while no mail goes out."},
			func() float64 { return map[bool]float64{true: 1}[a.lastDelay().Stuck] }),
		mailTraffic{a},
	)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(r, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /verify", a.last(jobVerify))
	mux.HandleFunc("GET /retention", a.last(jobRetention))
	return mux
}

func (a *App) mailsWaiting() float64 {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	n, err := a.Outbox.Waiting(ctx)
	if err != nil {
		return -1
	}
	return float64(n)
}

func (a *App) held(which func(appeal.HeldFigures) int64) float64 {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	f, err := a.Sweeps.Held(ctx)
	if err != nil {
		return -1
	}
	return float64(which(f))
}

// last answers with the last result of a job.
func (a *App) last(job string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		last, err := a.Jobs.Last(r.Context(), job)
		if err != nil {
			http.Error(w, "the last result cannot be read", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"at": last.LastAt, "next": last.NextAt, "result": last.LastResult})
	}
}
