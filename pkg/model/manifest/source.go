package manifest

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// source is one file or stream.
type source struct {
	name  string
	read  func() (io.ReadCloser, error)
	named bool // by the caller, not found in a directory or by a pattern
}

// text reads the source, unpacks it where it is compressed, and refuses more
// than the limit.
func (s source) text(limit int) ([]byte, error) {
	r, err := s.read()
	if err != nil {
		return nil, plain(err)
	}
	defer r.Close()
	text, err := readAll(r, limit)
	if err != nil || !bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
		return text, err
	}
	unzip, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("damaged gzip data: %w", err)
	}
	text, err = readAll(unzip, limit)
	if err != nil && !errors.Is(err, errTooLarge) {
		return nil, fmt.Errorf("damaged gzip data: %w", err)
	}
	return text, err
}

var errTooLarge = errors.New("too large")

func readAll(r io.Reader, limit int) ([]byte, error) {
	var text bytes.Buffer
	if f, ok := r.(fs.File); ok {
		if info, err := f.Stat(); err == nil && info.Size() <= int64(limit) {
			text.Grow(int(info.Size()) + bytes.MinRead)
		}
	}
	if _, err := text.ReadFrom(io.LimitReader(r, int64(limit)+1)); err != nil {
		return nil, plain(err)
	}
	if text.Len() > limit {
		return nil, fmt.Errorf("%w: more than %d bytes, decompressed", errTooLarge, limit)
	}
	return text.Bytes(), nil
}

// plain strips the operation and path that a file error repeats.
func plain(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}

const stdinName = "stdin"

// filesOf finds the files that the paths stand for, in the order given and, of a
// directory, by name.
func filesOf(paths []string, stdin io.Reader) (sources []source, errs []*Error) {
	seen := map[string]bool{}
	add := func(s source, identity string) {
		if !seen[identity] {
			seen[identity] = true
			sources = append(sources, s)
		}
	}
	for _, p := range paths {
		if p == "-" {
			add(source{stdinName, func() (io.ReadCloser, error) { return io.NopCloser(stdin), nil }, true}, p)
			continue
		}
		names, unread := filesAt(p, filepath.WalkDir, os.Stat)
		errs = append(errs, unread...)
		for _, name := range names {
			identity, err := filepath.EvalSymlinks(name)
			if err == nil {
				identity, err = filepath.Abs(identity)
			}
			if err != nil {
				identity = name
			}
			add(source{name, func() (io.ReadCloser, error) { return os.Open(name) }, name == p}, identity)
		}
	}
	return sources, errs
}

// filesOfFS finds the files of a file system that the patterns stand for.
func filesOfFS(fsys fs.FS, patterns []string) (sources []source, errs []*Error) {
	seen := map[string]bool{}
	for _, pattern := range patterns {
		matches, err := fs.Glob(fsys, pattern)
		switch {
		case err != nil:
			errs = append(errs, unreadable(pattern, err))
		case len(matches) == 0:
			errs = append(errs, unreadable(pattern, errors.New("matches no file")))
		}
		var names []string
		for _, match := range matches {
			found, unread := filesAt(match,
				func(root string, walk fs.WalkDirFunc) error { return fs.WalkDir(fsys, root, walk) },
				func(name string) (fs.FileInfo, error) { return fs.Stat(fsys, name) })
			names, errs = append(names, found...), append(errs, unread...)
		}
		for _, name := range names {
			if !seen[name] {
				seen[name] = true
				sources = append(sources, source{name, func() (io.ReadCloser, error) { return fsys.Open(name) }, name == pattern})
			}
		}
	}
	return sources, errs
}

func unreadable(name string, err error) *Error {
	return &Error{Place: model.Place{File: name}, Text: plain(err).Error()}
}

// filesAt returns the file itself, or the manifests of a directory, and what of it
// cannot be read.
func filesAt(root string, walkDir func(string, fs.WalkDirFunc) error, stat func(string) (fs.FileInfo, error)) (names []string, errs []*Error) {
	info, err := stat(root)
	if err != nil {
		return nil, []*Error{unreadable(root, err)}
	}
	if !info.IsDir() {
		return []string{root}, nil
	}
	err = walkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			errs = append(errs, unreadable(name, err))
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case name != root && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.Type()&fs.ModeSymlink != 0 && isDir(name, stat):
			errs = append(errs, unreadable(name, errors.New("a link to a directory, which is not followed: name it with -f")))
		case isManifestName(d.Name()):
			// A symbolic link counts as the file it points to.
			info, err := stat(name)
			if err != nil {
				errs = append(errs, unreadable(name, err))
			} else if info.Mode().IsRegular() {
				names = append(names, name)
			}
		}
		return nil
	})
	if err != nil {
		errs = append(errs, unreadable(root, err))
	}
	if len(errs) == 0 && len(names) == 0 {
		errs = append(errs, unreadable(root, errors.New("no .yaml, .yml or .json file in this directory")))
	}
	return names, errs
}

func isDir(name string, stat func(string) (fs.FileInfo, error)) bool {
	info, err := stat(name)
	return err == nil && info.IsDir()
}

func isManifestName(name string) bool {
	switch path.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz")) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}
