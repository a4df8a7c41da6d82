package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// LibraryVariable is the environment variable that names libchdb.
const LibraryVariable = "STALKSTATS_LIBCHDB"

// libraryFile is the library's file name, on macOS too.
const libraryFile = "libchdb.so"

// Locate finds libchdb: at path if one is given, else where STALKSTATS_LIBCHDB
// says, else beside the executable (lib/libchdb.so, libchdb.so), else in the
// npm package for this platform, searched upward from the working directory
// and from the executable's. The error matches ErrNoLibrary.
func Locate(path string) (string, error) {
	if path == "" {
		path = os.Getenv(LibraryVariable)
	}
	if path != "" {
		if !isFile(path) {
			return "", fmt.Errorf("%w: %s is not there: run `npm install` in the project's folder (or `make run`), or correct %s or clickhouse.library",
				ErrNoLibrary, path, LibraryVariable)
		}
		return path, nil
	}
	for _, candidate := range candidates(testing.Testing()) {
		if isFile(candidate) {
			return candidate, nil
		}
	}
	return "", missingLibrary{}
}

// missingLibrary is the sentence for an installation without the library.
type missingLibrary struct{}

func (missingLibrary) Error() string {
	return "the ClickHouse engine library libchdb is not installed: run `npm install` in the project's folder (or `make run`), or name it in " +
		LibraryVariable + " or clickhouse.library"
}

func (missingLibrary) Is(target error) bool { return target == ErrNoLibrary }

// candidates lists the places to look at, the likeliest first. Only a test,
// whose program stands in a temporary folder, looks from the working folder:
// there a library is code of whoever may write to it.
func candidates(fromWorkingFolder bool) []string {
	var found, starts []string
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			exe = real
		}
		dir := filepath.Dir(exe)
		found = append(found, filepath.Join(dir, "lib", libraryFile), filepath.Join(dir, libraryFile))
		starts = append(starts, dir)
	}
	if dir, err := os.Getwd(); err == nil && fromWorkingFolder {
		starts = append(starts, dir)
	}
	for _, dir := range starts {
		for {
			found = append(found, filepath.Join(dir, "node_modules", "@chdb", npmPackage(), libraryFile))
			parent := filepath.Dir(dir)
			if parent == dir {
				break
			}
			dir = parent
		}
	}
	return found
}

// npmPackage is the name of the package that holds the library for this
// platform.
func npmPackage() string {
	arch := runtime.GOARCH
	if arch == "amd64" {
		arch = "x64"
	}
	name := "lib-" + runtime.GOOS + "-" + arch
	if runtime.GOOS == "linux" {
		name += "-gnu"
	}
	return name
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
