package sheet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// openKind looks at the first bytes. What is neither an archive nor one of the
// files that people send by mistake is read as CSV.
func openKind(r io.ReaderAt, size int64, limits Limits) (book, error) {
	if size <= 0 {
		return nil, fault("the file is empty", adviceFetchAgain)
	}
	head := make([]byte, min(size, 4096))
	if n, err := r.ReadAt(head, 0); n < len(head) {
		if err == nil || errors.Is(err, io.EOF) {
			return nil, fault("the file is shorter than it was said to be", adviceFetchAgain)
		}
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return openZip(r, size, limits)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return nil, oleFault(r, head)
	}
	if err := mistaken(head); err != nil {
		return nil, err
	}
	return newCSV(io.NewSectionReader(r, 0, size), head), nil
}

// mistaken recognises files that would be read as very odd CSV.
func mistaken(head []byte) error {
	for _, k := range []struct{ start, what, advice string }{
		{"%PDF", "this is a PDF document, not a table", "ask for the figures as ODS, XLSX or CSV"},
		{"\x1f\x8b", "this is a gzip archive, not a table", "unpack it and give the file inside"},
		{"7z\xbc\xaf\x27\x1c", "this is a 7-Zip archive, not a table", "unpack it and give the file inside"},
		{"{\\rtf", "this is a text document (RTF), not a table", adviceSaveTable},
		{"\x89PNG", "this is a picture, not a table", "ask for the figures as ODS, XLSX or CSV"},
		{"\xff\xd8\xff", "this is a picture, not a table", "ask for the figures as ODS, XLSX or CSV"},
	} {
		if bytes.HasPrefix(head, []byte(k.start)) {
			return fault(k.what, k.advice)
		}
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte(utf8Mark)), " \t\r\n")
	text = bytes.ToLower(text[:min(len(text), 512)])
	for _, start := range []string{"<!doctype html", "<html", "<head", "<body", "<!--", "<script", "<table"} {
		if bytes.HasPrefix(text, []byte(start)) {
			return fault("this is a web page, not a table",
				"the address may have changed or asks for a login; open it in a browser and fetch the table itself")
		}
	}
	if !bytes.HasPrefix(text, []byte("<?xml")) {
		return nil
	}
	if bytes.Contains(text, []byte("<html")) {
		return fault("this is a web page, not a table", "open the address in a browser and fetch the table itself")
	}
	return fault("this is a bare XML document, not a table", adviceSaveTable)
}

// oleFault tells the two things apart that begin like a Word document of 1997:
// Excel keeps a password-protected XLSX inside such a file, under a name that
// stands in the file's directory.
func oleFault(r io.ReaderAt, head []byte) error {
	locked := fault("the file is protected by a password", "save it without the password")
	const encrypted = "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"
	if len(head) >= 0x34 {
		shift := min(binary.LittleEndian.Uint16(head[0x1e:]), 12)
		sector := int64(binary.LittleEndian.Uint32(head[0x30:])) + 1
		directory := make([]byte, 4096)
		// The last sector may be short; a directory that is not there at all
		// leaves the answer below.
		n, _ := r.ReadAt(directory, sector<<shift)
		if bytes.Contains(directory[:n], []byte(encrypted)) {
			return locked
		}
	}
	return fault("this is an old Excel file (.xls, before 2007) or another old Office document", adviceSaveTable)
}
