package aws

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"sync"
	"time"

	"exhibit/collect"
	"exhibit/collect/envoy"
	"exhibit/evidence"
)

// Serve carries out the orders on in and reports on out (envoy/message.go), until
// in ends. When it ends while something is being asked, whoever gave the orders is
// gone, and gone is called at once with the exit code.
func Serve(ctx context.Context, in io.Reader, out io.Writer, now func() time.Time, gone func(int)) error {
	s := &server{ctx: ctx, out: bufio.NewWriter(out), real: now}
	if err := s.report(envoy.Report{Envoy: new(envoy.Me())}); err != nil {
		return err
	}
	orders := make(chan envoy.Order)
	ended := make(chan error, 1)
	go func() {
		d := json.NewDecoder(in)
		for {
			var o envoy.Order
			if err := d.Decode(&o); err != nil {
				if s.busy() {
					gone(1)
				}
				ended <- err
				return
			}
			if o.Do == "stop" {
				s.stop()
				continue
			}
			s.begin()
			orders <- o
		}
	}()
	for {
		select {
		case o := <-orders:
			if err := s.carry(o); err != nil {
				return err
			}
		case err := <-ended:
			if !errors.Is(err, io.EOF) {
				return fmt.Errorf("reading what to do: %w", err)
			}
			return s.letGo()
		}
	}
}

// A server carries out orders, one at a time.
type server struct {
	ctx  context.Context
	real func() time.Time

	plan  collect.Plan
	now   func() time.Time
	work  *collect.Work // whose answers are held
	ready bool          // there is something to ask

	mu     sync.Mutex
	at     int // orders not carried out yet
	cancel context.CancelFunc
	doing  context.Context

	wmu sync.Mutex
	out *bufio.Writer
}

func (s *server) busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at > 0
}

func (s *server) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at++
	s.doing, s.cancel = context.WithCancel(s.ctx)
}

func (s *server) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at--
	s.cancel()
}

func (s *server) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel != nil {
		s.cancel()
	}
}

func (s *server) letGo() error {
	if s.work == nil {
		return nil
	}
	err := s.work.Close()
	s.work = nil
	return err
}

func (s *server) report(r envoy.Report) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	s.wmu.Lock()
	defer s.wmu.Unlock()
	_, _ = s.out.Write(append(b, '\n')) // Flush tells
	return s.out.Flush()
}

// carry carries out one order. An order that fails is reported; the error is that
// nobody listens.
func (s *server) carry(o envoy.Order) error {
	r, err := s.done(s.doing, o)
	s.end() // before it is reported: the next order may come at once
	if err != nil {
		r = envoy.Report{Error: err.Error()}
	}
	return s.report(r)
}

func (s *server) done(ctx context.Context, o envoy.Order) (r envoy.Report, err error) {
	var cfg Config
	if o.Do != "ask" {
		if cfg, err = s.configure(o.Config); err != nil {
			return r, err
		}
	}
	switch {
	case o.Do == "plan" && o.Plan != nil:
		return s.lay(ctx, cfg, *o.Plan)
	case o.Do == "retake":
		return s.retake(ctx, cfg, o)
	case o.Do == "ask" && s.ready:
		return s.ask(ctx, o)
	case o.Do == "enter":
		return enter(ctx, cfg)
	case o.Do == "sign" && o.Sign != nil:
		return sign(ctx, cfg, *o.Sign)
	case o.Do == "lacking":
		lacks, err := Lacking(ctx, cfg)
		return envoy.Report{Lacks: &envoy.Lacks{Accounts: lacks}}, err
	}
	return r, fmt.Errorf("there is no order %q to be carried out now", o.Do)
}

// configure gives a configuration its clock.
func (s *server) configure(c *envoy.Config) (Config, error) {
	if c == nil {
		return Config{}, errors.New("the order has no configuration")
	}
	cfg := *c
	s.now, cfg.Now = s.real, s.real
	if cfg.StandsAt != nil {
		if !onLoopback(cfg.Endpoint) {
			return cfg, fmt.Errorf("the clock stands only for recorded answers, with an endpoint on this machine, and not for %q", cfg.Endpoint)
		}
		clock := collect.NewClock(*cfg.StandsAt)
		s.now, cfg.Now, cfg.Sleep = clock.Now, clock.Now, clock.Sleep
	}
	return cfg, nil
}

// onLoopback reports whether an endpoint is an address of this machine.
func onLoopback(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return ip != nil && ip.IsLoopback()
}

// lay lays down the plan.
func (s *server) lay(ctx context.Context, cfg Config, to envoy.PlanOrder) (r envoy.Report, err error) {
	if s.plan, err = Plan(ctx, cfg); err != nil {
		return r, err
	}
	if err := ctx.Err(); err != nil { // what was interrupted planned nothing
		return r, err
	}
	whole := s.plan
	whole.Only = to.Only
	for _, c := range to.Beside {
		whole.Tasks = append(whole.Tasks, collect.Task{Cell: c})
	}
	head, err := collect.WritePlanFile(to.File, to.Compressed, whole, to.Planned, to.Config, to.Tool)
	if err != nil {
		return r, err
	}
	s.ready = true
	planned := &envoy.Planned{Head: head, Calls: len(head.Calls)}
	planned.Head.Calls = nil
	return envoy.Report{Planned: planned}, nil
}

// retake takes up what is not answered yet of the plan in a folder, which is held
// from now on.
func (s *server) retake(ctx context.Context, cfg Config, o envoy.Order) (r envoy.Report, err error) {
	if err := s.hold(o.Work); err != nil {
		return r, err
	}
	if err := s.work.ReadCells(); err != nil {
		return r, err
	}
	mine := func(evidence.Cell) bool { return true }
	if o.Shard != "" {
		var i, n int
		if _, err := fmt.Sscanf(o.Shard, "%d/%d", &i, &n); err != nil || i < 1 || i > n {
			return r, fmt.Errorf("%q is no share of a plan", o.Shard)
		}
		mine = collect.Shard(s.work.Cells, i, n)
	}
	done, err := s.work.Spool.Finished()
	if err != nil {
		return r, err
	}
	var ours []evidence.Cell
	for _, c := range s.work.Cells {
		if !envoy.Beside(c.Source) {
			ours = append(ours, c)
		}
	}
	s.work.Cells = nil
	var unentered []string
	s.plan, unentered, err = Retake(ctx, cfg, ours, s.work.Head.Callers, func(c evidence.Cell) bool { return mine(c) && !done(c) })
	if err != nil {
		return r, err
	}
	s.ready = true
	return envoy.Report{Retaken: &envoy.Retaken{Cells: len(s.plan.Tasks), Unentered: unentered, Endpoints: s.plan.Endpoints, CAs: s.plan.CAs}}, nil
}

// hold takes hold of the answers in a folder.
func (s *server) hold(dir string) (err error) {
	if s.work != nil && s.work.Dir == dir {
		return nil
	}
	if err := s.letGo(); err != nil {
		return err
	}
	s.work, err = collect.OpenAnswers(dir)
	return err
}

// ask asks what was planned or taken up.
func (s *server) ask(ctx context.Context, o envoy.Order) (r envoy.Report, err error) {
	if err := s.hold(o.Work); err != nil {
		return r, err
	}
	s.plan.Spool, s.ready = s.work.Spool, false
	var tell func(done, total int, c evidence.Cell)
	if o.Progress {
		tell = s.progress()
	}
	err = collect.Ask(ctx, s.now, s.plan, tell)
	s.plan = collect.Plan{}
	if err := errors.Join(err, s.letGo()); err != nil {
		return r, err
	}
	return envoy.Report{Asked: &envoy.Asked{Stopped: ctx.Err() != nil}}, nil
}

// shown is how often progress is reported at most: a person reads no faster.
const shown = 50 * time.Millisecond

// progress reports the first cell that ended, the last, and some between. It is
// called for one cell at a time.
func (s *server) progress() func(done, total int, c evidence.Cell) {
	var last time.Time
	return func(done, total int, c evidence.Cell) {
		now := s.real()
		if done < total && now.Sub(last) < shown {
			return
		}
		last = now
		c = evidence.Cell{Account: c.Account, Region: c.Region, Source: c.Source, State: c.State}
		_ = s.report(envoy.Report{Progress: &envoy.Progress{Done: done, Total: total, Cell: c}}) // the next report tells that nobody listens
	}
}

// enter plans the least there is, which enters every account.
func enter(ctx context.Context, cfg Config) (envoy.Report, error) {
	cfg.Only = []string{accountRegions.Name}
	plan, err := Plan(ctx, cfg)
	if err != nil {
		return envoy.Report{}, err
	}
	e := &envoy.Entered{Callers: plan.Callers, Endpoints: plan.Endpoints, CAs: plan.CAs}
	for _, c := range plan.Calls {
		if len(plan.Endpoints) == 0 && c.Endpoint != "" && !envoy.Native(c.Endpoint) && !slices.Contains(e.Endpoints, c.Endpoint) {
			e.Endpoints = append(e.Endpoints, c.Endpoint) // of one service alone
		}
	}
	for _, c := range plan.Calls {
		if _, err := time.Parse(time.RFC3339, c.Date); err == nil {
			e.Date, e.Ended = c.Date, c.Ended
			break
		}
	}
	return envoy.Report{Entered: e}, nil
}
