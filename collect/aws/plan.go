package aws

import (
	"context"
	"slices"
	"sort"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"

	"exhibit/collect"
	"exhibit/collect/envoy"
	"exhibit/evidence"
)

// Plan finds out whom there is to ask and where, and lays down every cell before
// the first question about a resource. What cannot be asked is planned all the
// same, with the reason. The error is for a configuration that could never work.
func Plan(ctx context.Context, cfg Config) (collect.Plan, error) {
	services := Services()
	if err := check(&cfg, services); err != nil {
		return collect.Plan{}, err
	}
	p := &planner{session: newSession(cfg), services: wanted(services, cfg), calls: &collect.Answer{}}
	targets := p.accounts(ctx)
	p.managed = slices.ContainsFunc(targets, func(t target) bool { return t.ID == p.management })
	p.each(ctx, targets)
	p.session.asked, p.session.entered = map[string]bool{}, p.entered
	for _, e := range p.entered {
		p.session.asked[e.id] = true
	}
	return p.done(), nil
}

// done is the plan with what every plan needs.
func (p *planner) done() collect.Plan {
	p.plan.Calls = p.calls.Calls()
	p.plan.Only = slices.Clone(p.session.cfg.Only)
	p.plan.InFlight = tasksPerCall * cap(p.session.limiter.all)
	if e := p.session.endpoint; e != "" {
		p.plan.Endpoints = []string{e}
	}
	p.session.mu.Lock()
	p.plan.CAs = slices.Clone(p.session.cas)
	p.session.mu.Unlock()
	p.plan.After = p.after
	p.plan.Native = envoy.Native
	return p.plan
}

// tasksPerCall is how many cells are open for each call in flight: most of an
// account's cells wait for a bucket of its own to fill, and others can be asked
// meanwhile.
const tasksPerCall = 4

// wanted are the services Only names. A run of a whole organization always lists
// its accounts: a list that was refused must be seen.
func wanted(services []Service, cfg Config) []Service {
	if len(cfg.Only) == 0 {
		return services
	}
	return slices.DeleteFunc(slices.Clone(services), func(s Service) bool {
		if cfg.FromOrganization && s.Name == organizationsAccounts.Name {
			return false
		}
		return !slices.ContainsFunc(cfg.Only, func(o string) bool { return envoy.Matches(o, s.Name) })
	})
}

// A planner lays down the cells of one run.
type planner struct {
	session    *session
	services   []Service
	calls      *collect.Answer // of planning itself
	base       *base           // where the credentials themselves lead; nil when nowhere
	management string          // the organization's management account; "" when not known
	managed    bool            // the management account is among those planned
	entered    []entered
	plan       collect.Plan
}

// A base is the account of the credentials, and who one is there.
type base struct {
	cfg aws.Config
	who evidence.Caller
}

// enter goes into an account; into the credentials' own one has gone already.
func (p *planner) enter(ctx context.Context, a Account) (aws.Config, evidence.Caller, error) {
	if p.base != nil && a.ID == p.base.who.Account && a.Role == "" && a.Profile == "" {
		return p.base.cfg, p.base.who, nil
	}
	return p.session.enter(ctx, a, p.calls)
}

// An entered account can be asked.
type entered struct {
	id  string
	cfg aws.Config
}

// each plans the targets, some at a time, and lays their plans down in order.
func (p *planner) each(ctx context.Context, targets []target) {
	parts := make([]planner, len(targets))
	var wg sync.WaitGroup
	free := make(chan struct{}, entering)
	for i, t := range targets {
		parts[i] = planner{session: p.session, services: p.services, calls: p.calls, base: p.base, management: p.management, managed: p.managed}
		free <- struct{}{}
		wg.Add(1)
		go func() {
			defer func() { <-free; wg.Done() }()
			parts[i].account(ctx, t)
		}()
	}
	wg.Wait()
	total := 0
	for i := range parts {
		total += len(parts[i].plan.Tasks)
	}
	p.plan.Tasks = slices.Grow(p.plan.Tasks, total)
	for i := range parts {
		p.plan.Tasks = append(p.plan.Tasks, parts[i].plan.Tasks...)
		parts[i].plan.Tasks = nil
		p.plan.Callers = append(p.plan.Callers, parts[i].plan.Callers...)
		p.entered = append(p.entered, parts[i].entered...)
	}
}

// A target is an account to plan, and what is known of it already.
type target struct {
	Account
	state  evidence.State // "" when it is to be entered
	reason string
}

// accounts are those named, or the organization's, or the one of the credentials.
func (p *planner) accounts(ctx context.Context) []target {
	s := p.session
	cfg, who, err := s.enter(ctx, Account{}, p.calls)
	var out []target
	for _, a := range s.cfg.Accounts {
		out = append(out, target{Account: s.roleOf(a, who.Account)})
	}
	if err != nil {
		if len(out) == 0 { // nobody to ask, and nobody's name: the run still says so
			out = append(out, target{Account: Account{ID: unknownAccount}, state: evidence.AccountUnreachable, reason: err.Error()})
		}
		return p.unique(out)
	}
	p.base = &base{cfg, who}
	if s.cfg.FromOrganization {
		out = append(out, p.organization(ctx, cfg, who.Account)...)
	}
	if len(out) == 0 {
		out = append(out, target{Account: Account{ID: who.Account}})
	}
	return p.unique(out)
}

// roleOf is a named account with the role that is assumed in accounts without one of their own.
func (s *session) roleOf(a Account, own string) Account {
	if a.Role == "" && a.Profile == "" && a.ID != own {
		a.Role = s.cfg.Role
		if a.ExternalID == "" {
			a.ExternalID = s.cfg.ExternalID
		}
	}
	return a
}

// unique keeps the first of each account, sorted by id.
func (p *planner) unique(in []target) []target {
	var out []target
	for _, t := range in {
		i := slices.IndexFunc(out, func(o target) bool { return o.ID == t.ID })
		switch {
		case i < 0:
			out = append(out, t)
		case out[i].state == "" && t.state != "": // named, and the organization says it is suspended
			out[i].state, out[i].reason = t.state, t.reason
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

// organization lists the organization's accounts, the credentials' own included.
func (p *planner) organization(ctx context.Context, cfg aws.Config, own string) []target {
	c := p.session.call(ctx, cfg, own, &organizationsAccounts, p.calls)
	c.cfg = c.in(homeRegion(partitionOf(cfg.Region)))
	p.management = managementAccount(c)
	out := []target{{Account: Account{ID: own}}}
	for _, a := range memberAccounts(c) {
		t := target{Account: Account{ID: a.id, Name: a.name, Role: p.session.cfg.Role, ExternalID: p.session.cfg.ExternalID}}
		if a.id == own {
			t.Role = ""
		}
		if a.status != "ACTIVE" && a.status != "" { // a status nobody told is no reason not to ask
			t.state, t.reason = evidence.AccountSuspended, "Organizations lists the account as "+a.status
		}
		out = append(out, t)
	}
	if g := c.answer.Refusal(); g != nil {
		out = append(out, target{Account: Account{ID: unknownAccount}, state: evidence.AccountUnreachable,
			reason: "the organization's accounts could not be listed, so which others there are is not known: " + g.Question + ": " + g.Code})
	}
	return out
}

// unknownAccount stands where it is not known whom there was to ask.
const unknownAccount = "unknown"

// account plans the cells of one account.
func (p *planner) account(ctx context.Context, t target) {
	if t.state != "" {
		if t.state == evidence.AccountUnreachable {
			p.plan.Callers = append(p.plan.Callers, evidence.Caller{Account: t.ID, Reason: t.reason})
		}
		p.closed(t.ID, t.state, t.reason)
		return
	}
	cfg, who, err := p.enter(ctx, t.Account)
	if err != nil {
		who.Reason = err.Error()
		p.plan.Callers = append(p.plan.Callers, who)
		p.closed(t.ID, evidence.AccountUnreachable, err.Error())
		return
	}
	p.plan.Callers = append(p.plan.Callers, who)
	p.entered = append(p.entered, entered{t.ID, cfg})

	home := homeRegion(partitionOf(cfg.Region))
	listed := &collect.Answer{}
	c := p.session.call(ctx, cfg, t.ID, &accountRegions, listed)
	c.cfg = c.in(home)
	regions := p.regions(c)
	for i := range p.services {
		sv := &p.services[i]
		if sv.Scope == Organization && p.managed && p.management != t.ID {
			continue // asked in the management account
		}
		if sv.Scope != Regional {
			cell := evidence.Cell{Account: t.ID, Region: "global", Source: sv.Name}
			task := collect.Task{Cell: cell, Ask: p.asker(sv, &cfg, t.ID, "global", home)}
			if sv.Name == accountRegions.Name {
				task.Told = listed
			}
			p.add(task)
		}
		if sv.Scope != Regional && sv.Scope != Everywhere {
			continue
		}
		for _, r := range regions {
			cell := evidence.Cell{Account: t.ID, Region: r.name, Source: sv.Name, State: r.state, Reason: r.reason}
			p.add(collect.Task{Cell: cell, Ask: p.asker(sv, &cfg, t.ID, r.name, r.name)})
		}
	}
	if !slices.ContainsFunc(p.services, func(s Service) bool { return s.Name == accountRegions.Name }) {
		for _, call := range listed.Calls() { // a limited run: the listing was planning
			p.calls.Call(call)
		}
	}
}

// asker is how a cell is asked.
func (p *planner) asker(sv *Service, cfg *aws.Config, account, region, at string) func(context.Context, *collect.Answer) {
	s := p.session
	return func(ctx context.Context, a *collect.Answer) {
		c := s.call(ctx, *cfg, account, sv, a)
		c.region, c.cfg = region, c.in(at)
		sv.Collect(c)
	}
}

// closed plans the cells of an account nobody can ask.
func (p *planner) closed(account string, state evidence.State, reason string) {
	regions := p.session.cfg.Regions
	if len(regions) == 0 {
		regions = defaultRegions
	}
	for i := range p.services {
		sv := &p.services[i]
		if sv.Scope != Regional {
			p.add(collect.Task{Cell: evidence.Cell{Account: account, Region: "global", Source: sv.Name, State: state, Reason: reason}})
		}
		if sv.Scope == Regional || sv.Scope == Everywhere {
			for _, r := range regions {
				p.add(collect.Task{Cell: evidence.Cell{Account: account, Region: r, Source: sv.Name, State: state, Reason: reason}})
			}
		}
	}
}

// add plans a cell, unless exhibit.yaml takes it out of scope.
func (p *planner) add(t collect.Task) {
	cell := &t.Cell
	for _, x := range p.session.cfg.OutOfScope {
		if (x.Account == "" || x.Account == cell.Account) && (x.Region == "" || x.Region == cell.Region) && envoy.Matches(x.Source, cell.Source) {
			cell.State, cell.Reason = evidence.OutOfScope, x.Reason
		}
	}
	if cell.State != "" {
		t.Ask, t.Told = nil, nil
	}
	p.plan.Tasks = append(p.plan.Tasks, t)
}

// after asks who one is once more: a run under a role that changed half way must show.
func (p *planner) after(ctx context.Context, callers []evidence.Caller) []evidence.Call {
	a := &collect.Answer{}
	var wg sync.WaitGroup
	free := make(chan struct{}, entering)
	for _, e := range p.entered {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			out, gap := p.session.identity(ctx, e.cfg, e.id, a)
			for i := range callers {
				switch { // an account has one caller here: each is touched once
				case callers[i].Account != e.id:
				case gap != nil:
					callers[i].Reason = "after the run: " + gap.Code + ": " + gap.Message
				default:
					callers[i].ARNAfter = aws.ToString(out.Arn)
				}
			}
		})
	}
	wg.Wait()
	since := p.calls.Calls()[len(p.plan.Calls):] // roles entered anew, or for the first time
	return slices.Concat(a.Calls(), p.session.owners.calls(), since)
}

// entering is how many accounts are entered at a time.
const entering = 16
