package main

import (
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// stand is moto with a front that answers the two calls moto lacks as AWS would, so
// that every peer gets the same answers: one of the nine, and exhibit's question
// which regions there are, in place of which it would ask another that takes longer.
type stand struct {
	moto  *exec.Cmd
	front *http.Server
	url   string // of the front
	heard recorder
}

func startStand() (*stand, error) {
	exe := os.Getenv("EXHIBIT_MOTO")
	if exe == "" {
		exe = "moto_server"
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &stand{moto: exec.Command(exe, "-H", "127.0.0.1", "-p", fmt.Sprint(port))}
	if err := s.moto.Start(); err != nil {
		return nil, fmt.Errorf("starting moto: %w", err)
	}
	target := &url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", port)}
	for try := 0; ; try++ {
		resp, err := http.Get(target.String() + "/moto-api/")
		if err == nil {
			_ = resp.Body.Close() // only asked whether it is up
			break
		}
		if try > 200 {
			s.stop()
			return nil, fmt.Errorf("moto did not come up: %w", err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = target.Scheme, target.Host, target.Host
		if strings.Contains(r.In.Host, "aws.test") && strings.Count(r.In.Host, ".") == 2 {
			r.Out.Host = r.In.Host // s3control names the account in the host
		}
	}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.stop()
		return nil, err
	}
	s.front = &http.Server{Handler: s.heard.through(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".DescribeComplianceByConfigRule") {
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
			_, _ = io.WriteString(w, `{"ComplianceByConfigRules":[]}`) // a peer that hung up says so itself
			return
		}
		if r.Method == http.MethodPost && r.URL.Path == "/listRegions" {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, regionList()) // the same
			return
		}
		proxy.ServeHTTP(w, r)
	}))}
	go func() { _ = s.front.Serve(l) }() // ends with stop
	s.url = "http://" + l.Addr().String()
	return s, nil
}

func (s *stand) stop() {
	if s.front != nil {
		_ = s.front.Close() // ending anyway
	}
	if s.moto.Process != nil {
		_ = s.moto.Process.Kill() // ending anyway
		_ = s.moto.Wait()         // it was killed: how it ended says nothing
	}
}

// env is the environment of a peer: fake credentials and the stand-in behind a
// proxy, because s3control puts the account before the endpoint's host.
func (s *stand) env() []string {
	return append(clientEnv(), "AWS_PAGER=",
		"AWS_ENDPOINT_URL=http://aws.test", "HTTP_PROXY="+s.url, "http_proxy="+s.url, "NO_PROXY=", "no_proxy=",
		"AWS="+awsCommand())
}

// clientEnv is the environment of whoever asks the stand-in. It speaks plain HTTP, so
// nobody reads the certificate authorities this machine may name.
func clientEnv() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "AWS_CA_BUNDLE=") || strings.HasPrefix(v, "REQUESTS_CA_BUNDLE=")
	})
	return append(env, "AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing", "AWS_DEFAULT_REGION=us-east-1", "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true")
}

// regionList is what account:ListRegions answers of an account that enabled none of
// the regions it has to ask for.
func regionList() string {
	regions := map[string]string{
		"ENABLED_BY_DEFAULT": "ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1 eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2",
		"DISABLED":           "af-south-1 ap-east-1 ap-east-2 ap-south-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-west-1 eu-central-2 eu-south-1 eu-south-2 il-central-1 me-central-1 me-south-1 mx-central-1",
	}
	var list []string
	for _, status := range slices.Sorted(maps.Keys(regions)) {
		for _, name := range strings.Fields(regions[status]) {
			list = append(list, fmt.Sprintf(`{"RegionName":%q,"RegionOptStatus":%q}`, name, status))
		}
	}
	return `{"Regions":[` + strings.Join(list, ",") + `]}`
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
