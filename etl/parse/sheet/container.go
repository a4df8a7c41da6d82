package sheet

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"strings"
)

// directoryBudget bounds what is read while the archive's list of contents is
// made. A spreadsheet has some dozens of parts; a list of millions would fill
// the memory before any limit of ours is looked at.
const directoryBudget = 4 << 20

// smallPart bounds the parts that say where things are: workbook, relations,
// manifest. They are kept in memory in part.
const smallPart = 16 << 20

// container is a zip archive whose parts are found by name. It never writes a
// part anywhere, so that odd names cannot do harm.
type container struct {
	parts    map[string]*zip.File
	doubled  map[string]bool
	limits   Limits
	inflated int64 // by all parts so far
}

// openZip tells what kind of document the archive is.
func openZip(r io.ReaderAt, size int64, limits Limits) (book, error) {
	c, err := newContainer(r, size, limits)
	if err != nil {
		return nil, err
	}
	mimetype, err := c.mimetype()
	if err != nil {
		return nil, err
	}
	const odf = "application/vnd.oasis.opendocument."
	switch {
	case strings.HasPrefix(mimetype, odf+"spreadsheet"):
		return newODS(c)
	case strings.HasPrefix(mimetype, odf):
		return nil, fault("this is an OpenDocument file but not a spreadsheet", adviceSaveTable)
	case c.has("xl/workbook.xml"):
		return newXLSX(c)
	case c.has("content.xml"):
		// Some programs leave the mimetype out.
		return newODS(c)
	}
	return nil, c.strange()
}

func newContainer(r io.ReaderAt, size int64, limits Limits) (*container, error) {
	budget := &budgetReader{r: r, left: directoryBudget}
	archive, err := zip.NewReader(budget, size)
	switch {
	case errors.Is(err, errBudget):
		return nil, fault("the archive lists far more parts than a spreadsheet has", adviceFetchAgain)
	case errors.Is(err, zip.ErrFormat), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return nil, &Error{Problem: "the file is cut short or damaged: its list of contents, which stands at the end, is missing",
			Advice: adviceFetchAgain, Cause: err}
	case err != nil && !errors.Is(err, zip.ErrInsecurePath):
		return nil, err
	}
	budget.unlimited = true
	c := &container{parts: map[string]*zip.File{}, doubled: map[string]bool{}, limits: limits}
	for _, f := range archive.File {
		name := partName(f.Name)
		if _, ok := c.parts[name]; ok {
			c.doubled[name] = true
		}
		c.parts[name] = f
	}
	return c, nil
}

// partName makes names comparable. Some programs write backslashes, a leading
// slash or capitals, and the spreadsheet programs read them all the same.
func partName(name string) string {
	return strings.ToLower(strings.TrimLeft(strings.ReplaceAll(name, `\`, "/"), "/"))
}

func (c *container) has(name string) bool { return c.parts[partName(name)] != nil }

func (c *container) mimetype() (string, error) {
	if !c.has("mimetype") {
		return "", nil
	}
	part, err := c.open("mimetype", 1<<10)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(part)
	return string(bytes.TrimSpace(text)), errors.Join(err, part.Close())
}

// strange is the fault of an archive that is neither ODS nor XLSX.
func (c *container) strange() error {
	for _, k := range []struct{ part, what string }{
		{"word/document.xml", "this is a Word document, not a spreadsheet"},
		{"ppt/presentation.xml", "this is a PowerPoint presentation, not a spreadsheet"},
		{"xl/workbook.bin", "this is a binary Excel workbook (.xlsb)"},
		{"index/document.iwa", "this is an Apple Numbers or Pages document"},
		{"encrypted-package", "the file is protected by a password"},
	} {
		if c.has(k.part) {
			return fault(k.what, adviceSaveTable)
		}
	}
	return fault("this is a zip archive, but no spreadsheet is in it (neither content.xml nor xl/workbook.xml)",
		"if the table was packed into it, unpack it and give the table itself")
}

// open unpacks a part. most bounds its size besides the limits of the file.
func (c *container) open(name string, most int64) (io.ReadCloser, error) {
	key := partName(name)
	f := c.parts[key]
	switch {
	case f == nil:
		return nil, fault("the part "+name+" is missing in the file", adviceSaveAgain)
	case c.doubled[key]:
		return nil, fault("the part "+name+" is in the file twice, and it is unclear which one counts", adviceSaveAgain)
	case f.Flags&1 != 0:
		return nil, fault("the file is protected by a password", "save it without the password")
	}
	unpacked, err := f.Open()
	if err != nil {
		return nil, unpackFault(name, err)
	}
	m := &meter{ReadCloser: unpacked, name: name, container: c, packed: int64(min(f.CompressedSize64, 1<<40)), most: most}
	// The goroutine pays from some hundred kilobytes on.
	if f.UncompressedSize64 < 1<<20 {
		return m, nil
	}
	return newAhead(m), nil
}

// meter counts what comes out of a part, so that a small file that unpacks to
// a huge one stops early, and puts faults of unpacking into words.
type meter struct {
	io.ReadCloser
	name      string
	container *container
	packed    int64
	inflated  int64
	most      int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	m.inflated += int64(n)
	m.container.inflated += int64(n)
	limits := m.container.limits
	switch {
	case m.container.inflated > limits.MaxInflated:
		return 0, fault(fmt.Sprintf("the file unpacks to more than %d bytes", limits.MaxInflated), adviceLimit)
	case m.inflated > m.most:
		return 0, fault(fmt.Sprintf("the part %s unpacks to more than %d bytes", m.name, m.most), adviceSaveAgain)
	case m.inflated > 16<<20 && m.inflated/limits.MaxRatio > m.packed:
		return 0, fault(fmt.Sprintf("the part %s unpacks to more than %d times its size, as files do that are made to fill a machine's memory",
			m.name, limits.MaxRatio), adviceLimit)
	case err != nil && err != io.EOF:
		return n, unpackFault(m.name, err)
	}
	return n, err
}

// unpackFault puts an error of unpacking into words.
func unpackFault(name string, err error) error {
	var corrupt flate.CorruptInputError
	e := &Error{Advice: adviceFetchAgain, Cause: err}
	switch {
	case errors.Is(err, zip.ErrAlgorithm):
		e.Problem, e.Advice = "the part "+name+" is packed in an unusual way", adviceSaveAgain
	case errors.Is(err, zip.ErrChecksum):
		e.Problem = "the file is damaged: the check sum of the part " + name + " is wrong"
	case errors.As(err, &corrupt), errors.Is(err, zip.ErrFormat):
		e.Problem = "the file is damaged: the part " + name + " cannot be unpacked"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		e.Problem = "the file is cut short or damaged: the part " + name + " ends too early"
	default:
		return err
	}
	return e
}

var errBudget = errors.New("read budget used up")

// budgetReader stops reading after so many bytes, until it is unlimited.
type budgetReader struct {
	r         io.ReaderAt
	left      int64
	unlimited bool
}

func (b *budgetReader) ReadAt(p []byte, off int64) (int, error) {
	if b.unlimited {
		return b.r.ReadAt(p, off)
	}
	if b.left < 0 {
		return 0, errBudget
	}
	n, err := b.r.ReadAt(p, off)
	b.left -= int64(n)
	return n, err
}
