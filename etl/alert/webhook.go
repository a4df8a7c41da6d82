package alert

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"stalkstats/internal/config"
	"stalkstats/internal/mail"
	"stalkstats/internal/stats"
)

// What the service behind a webhook takes.
const (
	Slack = "slack"
	Teams = "teams" // a workflow "when a Teams webhook request is received"
)

const (
	maxSentence = 300      // characters of why a delivery failed
	maxAnswer   = 64 << 10 // bytes of an answer that are read before the connection is used again
)

// Webhook is an address that takes JSON.
type Webhook struct {
	URL     string        // a secret: it lets anybody post who knows it
	Format  string        // Slack or Teams
	Timeout time.Duration // for one post; 0: 10 seconds

	// RootCAs are the authorities to trust; nil: those of this machine.
	RootCAs *x509.CertPool
}

func (w *Webhook) channel() (channel, error) {
	// What url.Parse says holds the address, which nobody may see.
	u, err := url.Parse(w.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return channel{}, errors.New("webhook: the address is not one that begins with https://")
	case u.Scheme == "http" && !config.Loopback(u.Hostname()):
		return channel{}, fmt.Errorf("webhook: the address at %s must begin with https://, for it holds a secret", u.Host)
	case !slices.Contains([]string{Slack, Teams}, w.Format):
		return channel{}, fmt.Errorf("webhook: format %q is neither slack nor teams", w.Format)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: w.RootCAs, MinVersion: tls.VersionTLS12}
	client := &http.Client{
		Transport: transport,
		Timeout:   cmp.Or(w.Timeout, 10*time.Second),
		// Elsewhere nobody has said that the messages may go.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return channel{"webhook", func(ctx context.Context, a stats.Alert) error { return w.post(ctx, client, u.Host, a) }}, nil
}

// post hands one alert over. No error names more of the address than its host.
func (w *Webhook) post(ctx context.Context, client *http.Client, host string, a stats.Alert) error {
	body, err := w.body(a)
	if err != nil {
		return err
	}
	failed := func(why string) error {
		return errors.New(mail.OneLine("the webhook at "+host+" did not take the message: "+why, maxSentence))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return failed("the request could not be made")
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	request.Header.Set("User-Agent", "stalkstats")
	response, err := client.Do(request)
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		if wrapped.Timeout() {
			return failed(fmt.Sprintf("no answer within %v", client.Timeout))
		}
		err = wrapped.Err
	}
	if err != nil {
		return failed(err.Error())
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer) // what it says is of no interest
	switch {
	case response.StatusCode >= 300 && response.StatusCode < 400:
		return failed("it sends on to another address, which is not followed; put the new address into STALKSTATS_WEBHOOK_URL")
	case response.StatusCode < 200 || response.StatusCode > 299:
		return failed(fmt.Sprintf("it answered %d %s", response.StatusCode, http.StatusText(response.StatusCode)))
	}
	return nil
}

func (w *Webhook) body(a stats.Alert) ([]byte, error) {
	if w.Format == Slack {
		return json.Marshal(slackMessage(a))
	}
	return json.Marshal(teamsMessage(a))
}

// slackMessage is plain text: a cell of a file must not become a link, or
// call a whole channel.
func slackMessage(a stats.Alert) any {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	return struct {
		Text   string `json:"text"`
		Mrkdwn bool   `json:"mrkdwn"`
	}{escape.Replace(a.Subject + "\n\n" + a.Text), false}
}

// teamsMessage is an adaptive card: workflows take nothing else. Text runs,
// unlike text blocks, read no Markdown.
func teamsMessage(a stats.Alert) any {
	type object map[string]any
	paragraph := func(words string, heading bool) object {
		run := object{"type": "TextRun", "text": words}
		if heading {
			run["weight"], run["size"] = "Bolder", "Medium"
		}
		return object{"type": "RichTextBlock", "inlines": []object{run}}
	}
	blocks := []object{paragraph(a.Subject, true)}
	for words := range strings.SplitSeq(strings.TrimSpace(a.Text), "\n") {
		if words != "" {
			blocks = append(blocks, paragraph(words, false))
		}
	}
	card := object{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
		"fallbackText": a.Subject, "body": blocks}
	return object{"type": "message", "text": a.Subject, "attachments": []object{
		{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil, "content": card}}}
}
