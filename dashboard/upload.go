package dashboard

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"stalkstats/internal/stats"
)

// defaultMaxUpload is the largest upload where none is named.
const defaultMaxUpload = 256 << 20

// largestFields is what a form may hold beside its file.
const largestFields = 64 << 10

type uploader interface {
	SaveUpload(ctx context.Context, id string, at time.Time, file io.Reader) (size int64, err error)
	ForgetUpload(ctx context.Context, id string) error
	Ask(ctx context.Context, request stats.Request) error
}

// upload takes a file that somebody sends, and asks for it to be checked. It is
// never published by that: people see first what it would change.
func (s *site) upload(keeper uploader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		source, err := s.uploadable(r)
		if err != nil {
			return err
		}
		r.Body = http.MaxBytesReader(w, r.Body, s.maxUpload+largestFields)
		form, err := r.MultipartReader()
		if err != nil {
			return badRequest("A file is sent with the form on the page of its source: open it and choose the file there.")
		}
		request := stats.Request{ID: s.newID(), AskedAt: s.now(), Kind: stats.RunRequest, Source: source.Name, DryRun: true}
		request.Upload, request.Who = request.ID, idOf(r)
		if err := s.receive(r.Context(), keeper, form, &request); err != nil {
			return err
		}
		if err := keeper.Ask(r.Context(), request); err != nil {
			return errors.Join(err, forget(r.Context(), keeper, request.Upload))
		}
		s.log.InfoContext(r.Context(), "file received", "request", RequestID(r.Context()), "asked", request.ID, "source", source.Name)
		http.Redirect(w, r, requestAddress(request.ID), http.StatusSeeOther)
		return nil
	}
}

// uploadable is the source that a file is sent for, if one may be.
func (s *site) uploadable(r *http.Request) (Source, error) {
	if !s.actions {
		return Source{}, errNoActions
	}
	if _, err := parameters(r); err != nil {
		return Source{}, err
	}
	source, err := s.configured(r.PathValue("name"))
	if err == nil && source.RecordLevel {
		err = problem{status: http.StatusForbidden, sentence: "Files of records about people are never sent through a page: put the file into the folder of its source. Nothing of what you sent was kept."}
	}
	return source, err
}

// receive reads the form: the name of who sends, unless that is known, then the file,
// and no more. Where it fails nothing of the file stays.
func (s *site) receive(ctx context.Context, keeper uploader, form *multipart.Reader, request *stats.Request) error {
	if request.Who == "" {
		if err := s.receiveName(form, request); err != nil {
			return err
		}
	}
	part, err := form.NextPart()
	if err != nil || part.FormName() != "file" {
		return badRequest("No file was sent: choose one.")
	}
	if request.File, err = readFileName(part.FileName()); err != nil {
		return err
	}
	arriving := &arrival{file: part, left: s.maxUpload}
	size, err := keeper.SaveUpload(ctx, request.Upload, request.AskedAt, arriving)
	switch {
	case arriving.err != nil:
		return s.brokenUpload(arriving.err)
	case err != nil:
		return err
	case size == 0:
		return badRequest("The file %s is empty.", request.File)
	}
	if _, err := form.NextPart(); err != io.EOF {
		forgotten := forget(ctx, keeper, request.Upload)
		return cmp.Or(forgotten, s.brokenUpload(err))
	}
	return nil
}

// receiveName reads who sends a file.
func (s *site) receiveName(form *multipart.Reader, request *stats.Request) error {
	part, err := form.NextPart()
	if err != nil || part.FormName() != "who" {
		return badRequest("The form must hold your name and then the file: open the page of the source and send it from there.")
	}
	name, err := io.ReadAll(io.LimitReader(part, largestForm))
	if err != nil {
		return s.brokenUpload(err)
	}
	request.Who, err = readWho(string(name))
	return err
}

// forget removes an upload that nobody has asked to be read, though whoever
// sent it may have gone.
func forget(ctx context.Context, keeper uploader, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	return keeper.ForgetUpload(ctx, id)
}

// errTooLarge ends a file that is larger than may be sent.
var errTooLarge = errors.New("the file is too large")

// arrival is a file on its way in: it ends one that is too large, and remembers
// why reading failed, which is not our fault and is told.
type arrival struct {
	file io.Reader
	left int64
	err  error
}

// Read implements io.Reader.
func (a *arrival) Read(p []byte) (n int, err error) {
	n, err = a.file.Read(p)
	if a.left -= int64(n); a.left < 0 {
		err = errTooLarge
	}
	if err != nil && err != io.EOF {
		a.err = err
	}
	return n, err
}

// brokenUpload is what the sender of a file that did not arrive is told.
func (s *site) brokenUpload(err error) error {
	var large *http.MaxBytesError
	if errors.Is(err, errTooLarge) || errors.As(err, &large) {
		return problem{status: http.StatusRequestEntityTooLarge, sentence: "The file is larger than " + megabytes(s.maxUpload) + ", the most that can be sent: put it into the folder of its source. Nothing of it was kept."}
	}
	return badRequest("The file did not arrive whole, or more than one was sent: send it again. Nothing of it was kept.")
}

// readFileName is the name of a file as its sender's machine calls it, without
// folders.
func readFileName(text string) (string, error) {
	name, err := readLine(text[strings.LastIndexAny(text, `/\`)+1:], "name of the file", longestName)
	if err == nil && name == "" {
		err = badRequest("No file was sent: choose one.")
	}
	return name, err
}
