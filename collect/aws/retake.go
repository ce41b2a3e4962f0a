package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"exhibit/collect"
	"exhibit/evidence"
)

// Retake is a way to ask what was planned before: by a run that was interrupted,
// or for the shards of one. cells are those of the whole plan and callers who
// acted when it was made; mine says which cells are to be asked here. Nothing is
// planned anew: a region that was enabled since is the next run's.
//
// The accounts of the cells to be asked are entered. One that no longer can be
// ends its cells here as unreachable, and is named in unentered.
func Retake(ctx context.Context, cfg Config, cells []evidence.Cell, callers []evidence.Caller, mine func(evidence.Cell) bool) (plan collect.Plan, unentered []string, err error) {
	services := Services()
	if err := check(&cfg, services); err != nil {
		return collect.Plan{}, nil, err
	}
	p := &planner{session: newSession(cfg), calls: &collect.Answer{}}
	s := p.session
	s.asked = map[string]bool{}
	for _, c := range callers {
		if c.Reachable {
			s.asked[c.Account] = true
		}
	}
	here := map[string]*inside{}
	var order []*inside
	for _, c := range cells {
		if c.State == "" && mine(c) && here[c.Account] == nil {
			here[c.Account] = &inside{entered: entered{id: c.Account}}
			order = append(order, here[c.Account])
		}
	}
	slices.SortFunc(order, func(a, b *inside) int { return strings.Compare(a.id, b.id) })
	p.reenter(ctx, order)
	for _, in := range order {
		p.plan.Callers = append(p.plan.Callers, in.who)
		if in.err != nil {
			unentered = append(unentered, in.id+": "+in.err.Error())
			continue
		}
		p.entered = append(p.entered, in.entered)
	}
	s.entered = p.mayEnter(ctx, callers)
	known := make(map[string]*Service, len(services))
	for i := range services {
		known[services[i].Name] = &services[i]
	}
	for _, c := range cells {
		if !mine(c) {
			continue
		}
		sv, in := known[c.Source], here[c.Account]
		if sv == nil {
			return collect.Plan{}, nil, fmt.Errorf("the plan names the source %q, which this exhibit does not know", c.Source)
		}
		t := collect.Task{Cell: c}
		switch {
		case c.State != "":
		case in.err != nil:
			reason := in.err.Error()
			t.Ask = func(_ context.Context, a *collect.Answer) { a.End(evidence.AccountUnreachable, reason) }
		case c.Region == "global":
			t.Ask = p.asker(sv, &in.cfg, c.Account, "global", homeRegion(partitionOf(in.cfg.Region)))
		default:
			t.Ask = p.asker(sv, &in.cfg, c.Account, c.Region, c.Region)
		}
		p.plan.Tasks = append(p.plan.Tasks, t)
	}
	return p.done(), unentered, nil
}

// mayEnter are all accounts of the plan, for what one cell has to look for in
// another's: those that are not asked here are entered if it comes to that.
func (p *planner) mayEnter(ctx context.Context, callers []evidence.Caller) []entered {
	out := slices.Clone(p.entered)
	for _, c := range callers {
		if !c.Reachable || slices.ContainsFunc(out, func(e entered) bool { return e.id == c.Account }) {
			continue
		}
		if cfg, err := p.session.wayInto(ctx, p.named(c.Account), p.calls); err == nil { // else it is not looked into, as one that refuses
			out = append(out, entered{c.Account, cfg})
		}
	}
	return out
}

// named is an account of the plan as the configuration enters it.
func (p *planner) named(id string) Account {
	a := Account{ID: id}
	if i := slices.IndexFunc(p.session.cfg.Accounts, func(n Account) bool { return n.ID == id }); i >= 0 {
		a = p.session.cfg.Accounts[i]
	}
	own := ""
	if p.base != nil {
		own = p.base.who.Account
	}
	return p.session.roleOf(a, own)
}

// inside is an account that is entered once more.
type inside struct {
	entered
	who evidence.Caller
	err error
}

// reenter goes into accounts, some at a time.
func (p *planner) reenter(ctx context.Context, accounts []*inside) {
	if len(accounts) == 0 {
		return
	}
	cfg, who, err := p.session.enter(ctx, Account{}, p.calls)
	if err == nil {
		p.base = &base{cfg, who}
	}
	var wg sync.WaitGroup
	free := make(chan struct{}, entering)
	for _, in := range accounts {
		a := p.named(in.id)
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			if in.cfg, in.who, in.err = p.enter(ctx, a); in.err != nil {
				in.who = evidence.Caller{Account: in.id, Reason: in.err.Error()}
			}
		})
	}
	wg.Wait()
}
