package envoy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"exhibit/evidence"
	"exhibit/internal/heap"
)

// ErrOther is wrapped when the envoy is not of this release.
var ErrOther = errors.New("exhibit and exhibit-aws are not of one release")

// An Envoy is a running exhibit-aws. One order is under way at a time.
type Envoy struct {
	path    string
	cmd     *exec.Cmd
	orders  io.WriteCloser
	reports chan Report
	ended   chan struct{} // closed when the process has ended
	failed  error         // how it ended
	known   bool          // it said who it is
}

// Send starts the executable at path and returns at once: who it is is looked at
// with the first order. What it says beside its reports goes to stderr.
func Send(path string, stderr io.Writer) (*Envoy, error) {
	e := &Envoy{path: path, cmd: exec.Command(path), reports: make(chan Report), ended: make(chan struct{})}
	if os.Getenv(collects) == "" {
		e.cmd.Env = append(os.Environ(), collects+"=off")
	}
	e.cmd.Stderr, e.cmd.WaitDelay = stderr, 2*time.Second // what it started may hold stderr longer
	var err error
	if e.orders, err = e.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", path, err)
	}
	out, err := e.cmd.StdoutPipe()
	if err == nil {
		err = e.cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", path, err)
	}
	go e.listen(out)
	return e, nil
}

// collects is the variable that says how often a Go program frees memory. What 69
// clients set up before main takes a third less time when none is freed meanwhile.
const collects = "GOGC"

// Wake sets right, first thing in exhibit-aws, what was off while it started. From
// what a short run takes on, half of what is in use may be garbage, as in exhibit; a value of the user's own stays.
func Wake() {
	if v := os.Getenv(collects); v != "" && v != "off" {
		return
	}
	_ = os.Unsetenv(collects) // what it starts itself, such as a credential process, starts as ever
	heap.Grow(96<<20, 50)
}

// Path is where the executable is.
func (e *Envoy) Path() string { return e.path }

// listen reads the reports until the envoy has ended.
func (e *Envoy) listen(out io.Reader) {
	d := json.NewDecoder(out)
	for {
		var r Report
		if err := d.Decode(&r); err != nil {
			if !errors.Is(err, io.EOF) {
				err = fmt.Errorf("%w: what %s reports is not understood: %w", ErrOther, e.path, err)
				_ = e.cmd.Process.Kill() // it is of no use
			}
			if wait := e.cmd.Wait(); errors.Is(err, io.EOF) {
				err = wait
			}
			e.failed = err
			close(e.ended)
			return
		}
		e.reports <- r
	}
}

// Dismiss tells the envoy that there are no more orders. It ends by itself, which
// takes it a while: Close waits for that.
func (e *Envoy) Dismiss() { _ = e.orders.Close() } // closed already is as good

// Kill ends an envoy that has had no order.
func (e *Envoy) Kill() {
	_ = e.cmd.Process.Kill() // ended already is as good
	_ = e.Close()
}

// Close ends the envoy, and waits for it.
func (e *Envoy) Close() error {
	e.Dismiss()
	late := time.AfterFunc(5*time.Second, func() { _ = e.cmd.Process.Kill() })
	defer late.Stop()
	for {
		select {
		case <-e.reports: // nobody wants it any more
		case <-e.ended:
			return nil // how it ended was told to whoever gave the last order
		}
	}
}

// do gives an order and waits for its report. When ctx ends the envoy is told to
// stop, and its report is waited for all the same.
func (e *Envoy) do(ctx context.Context, o Order, progress func(Progress)) (Report, error) {
	if err := e.meet(ctx); err != nil {
		return Report{}, err
	}
	if err := e.write(o); err != nil {
		return Report{}, err
	}
	stop := ctx.Done()
	for {
		select {
		case r := <-e.reports:
			switch {
			case r.Progress != nil:
				if progress != nil {
					progress(*r.Progress)
				}
			case r.Error != "" && ctx.Err() != nil:
				return r, ctx.Err()
			case r.Error != "":
				return r, errors.New(r.Error)
			default:
				return r, nil
			}
		case <-e.ended:
			return Report{}, e.died()
		case <-stop:
			stop = nil
			if err := e.write(Order{Do: "stop"}); err != nil {
				return Report{}, err
			}
		}
	}
}

func (e *Envoy) write(o Order) error {
	b, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("ordering %s of exhibit-aws: %w", o.Do, err)
	}
	if _, err := e.orders.Write(append(b, '\n')); err != nil {
		<-e.ended // it reads its orders as long as it lives
		return e.died()
	}
	return nil
}

func (e *Envoy) died() error {
	if errors.Is(e.failed, ErrOther) {
		return e.failed
	}
	if e.failed != nil {
		return fmt.Errorf("%s ended before it had answered: %w", e.path, e.failed)
	}
	return fmt.Errorf("%s ended before it had answered", e.path)
}

// meet looks at who the envoy is, once.
func (e *Envoy) meet(ctx context.Context) error {
	if e.known {
		return nil
	}
	select {
	case r := <-e.reports:
		me := Me()
		switch {
		case r.Envoy == nil:
			return fmt.Errorf("%w: %s does not say who it is", ErrOther, e.path)
		case r.Envoy.Version != me.Version:
			return fmt.Errorf("%w: this is exhibit %s, and %s is %s", ErrOther, me.Version, e.path, r.Envoy.Version)
		case r.Envoy.Sources != me.Sources:
			return fmt.Errorf("%w: both are called %s, and %s knows other sources: they were not built together", ErrOther, me.Version, e.path)
		}
		e.known = true
		return nil
	case <-e.ended:
		return e.died()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Plan lays down every cell of AWS, and those beside, in a file.
func (e *Envoy) Plan(ctx context.Context, cfg Config, to PlanOrder) (Planned, error) {
	r, err := e.do(ctx, Order{Do: "plan", Config: &cfg, Plan: &to}, nil)
	if err != nil || r.Planned == nil {
		return Planned{}, e.other(r, err)
	}
	return *r.Planned, nil
}

// Retake takes up the share ("2/8", "" for all) of the plan in the folder of a run
// that has no answer yet. Accounts that can no longer be entered are named.
func (e *Envoy) Retake(ctx context.Context, cfg Config, work, shard string) (Retaken, error) {
	r, err := e.do(ctx, Order{Do: "retake", Config: &cfg, Work: work, Shard: shard}, nil)
	if err != nil || r.Retaken == nil {
		return Retaken{}, e.other(r, err)
	}
	return *r.Retaken, nil
}

// Ask asks what was planned or taken up. stopped says that not all was asked,
// because ctx ended or somebody stopped the envoy.
func (e *Envoy) Ask(ctx context.Context, work string, progress func(done, total int, c evidence.Cell)) (stopped bool, err error) {
	o := Order{Do: "ask", Work: work, Progress: progress != nil}
	r, err := e.do(ctx, o, func(p Progress) { progress(p.Done, p.Total, p.Cell) })
	if err != nil || r.Asked == nil {
		return false, e.other(r, err)
	}
	return r.Asked.Stopped, nil
}

// Enter goes into every account and asks no more than who one is there.
func (e *Envoy) Enter(ctx context.Context, cfg Config) (Entered, error) {
	r, err := e.do(ctx, Order{Do: "enter", Config: &cfg}, nil)
	if err != nil || r.Entered == nil {
		return Entered{}, e.other(r, err)
	}
	return *r.Entered, nil
}

// Lacking is what the identity of each account may not do of all that a run asks.
func (e *Envoy) Lacking(ctx context.Context, cfg Config) ([]Lack, error) {
	r, err := e.do(ctx, Order{Do: "lacking", Config: &cfg}, nil)
	if err != nil || r.Lacks == nil {
		return nil, e.other(r, err)
	}
	return r.Lacks.Accounts, nil
}

// Sign has AWS KMS sign data, or with no data say the public key.
func (e *Envoy) Sign(ctx context.Context, cfg Config, key string, data []byte) (Signed, error) {
	r, err := e.do(ctx, Order{Do: "sign", Config: &cfg, Sign: &SignOrder{key, data}}, nil)
	if err != nil || r.Signed == nil {
		return Signed{}, e.other(r, err)
	}
	return *r.Signed, nil
}

// other is the error of an order whose report is not the one it asks for.
func (e *Envoy) other(r Report, err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: %s answered something else", ErrOther, e.path)
}
