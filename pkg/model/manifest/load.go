package manifest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/azure"
	"github.com/aksim/aksim/pkg/model/manifest/internal/document"
)

// Load reads files, directories and, for "-", standard input. Of a directory it
// reads the .yaml, .yml and .json files, compressed by gzip or not, of all
// levels; names that begin with a dot are left out. A file named twice is read
// once.
func Load(paths ...string) (*model.Cluster, error) { return Loader{}.Load(paths...) }

// LoadFS reads the files and directories of a file system that match the
// patterns of [fs.Glob], by the rules of [Load].
func LoadFS(fsys fs.FS, patterns ...string) (*model.Cluster, error) {
	return Loader{}.LoadFS(fsys, patterns...)
}

// Loader reads with other than the default settings. The zero Loader is ready to
// use.
type Loader struct {
	// KubeVersion is the version whose admission rules apply. The zero value
	// means that of the input's newest kubelet, without one that of the managed
	// cluster, if there is one and no more, and else the newest that is modelled.
	KubeVersion model.KubeVersion

	// Namespace is where objects without a namespace go; default if empty.
	Namespace string

	// Stdin is what the path "-" stands for; [os.Stdin] if nil.
	Stdin io.Reader

	// Limits bound what the input may cost.
	Limits Limits

	// Progress is called now and then with the number of documents read and
	// their total, never concurrently.
	Progress func(done, total int)
}

// Limits bound what an input may cost to read. A field that is zero means its
// default.
type Limits struct {
	// Stream is the size of one file or stream after decompression; 1 GiB.
	Stream int

	// Document is the size of one document, both as written and with its
	// aliases expanded; 16 MiB. Each item of a list counts for itself in JSON
	// and in YAML laid out as kubectl does.
	Document int

	// Depth is how deep mappings and sequences may be nested; 100.
	Depth int
}

// Load is [Load] with the loader's settings.
func (l Loader) Load(paths ...string) (*model.Cluster, error) { return sound(l.Inspect(paths...)) }

// LoadFS is [LoadFS] with the loader's settings.
func (l Loader) LoadFS(fsys fs.FS, patterns ...string) (*model.Cluster, error) {
	return sound(l.load(filesOfFS(fsys, patterns)))
}

// Read reads one stream. The name stands for it in places.
func (l Loader) Read(name string, r io.Reader) (*model.Cluster, error) {
	return sound(l.load([]source{{name: name, read: func() (io.ReadCloser, error) { return io.NopCloser(r), nil }}}, nil))
}

// Inspect is like [Loader.Load], but returns what can be read beside the error.
// That is for reports about the input, and never for proofs: an object that is
// left out for an error may well be the one that allows.
func (l Loader) Inspect(paths ...string) (*model.Cluster, error) {
	stdin := l.Stdin
	if stdin == nil {
		stdin = os.Stdin
	}
	return l.load(filesOf(paths, stdin))
}

// sound withholds a cluster that comes with an error.
func sound(c *model.Cluster, err error) (*model.Cluster, error) {
	if err != nil {
		return nil, err
	}
	return c, nil
}

// load reads the sources. The errors are those of finding them.
func (l Loader) load(sources []source, errs []*Error) (*model.Cluster, error) {
	version, err := l.kubeVersion()
	if err != nil {
		return nil, err
	}
	if len(sources) == 0 && len(errs) == 0 {
		return nil, errors.New("no files to read")
	}
	limits := document.Limits(l.Limits).WithDefaults()
	all := gathering{version: version, errs: errs}
	var pieces []piece
	var arm templates
	for _, s := range sources {
		text, err := s.text(limits.Stream)
		switch {
		case err != nil:
			all.errs = append(all.errs, &Error{Place: model.Place{File: s.name}, Text: err.Error()})
		case arm.take(s.name, text):
		default:
			parts := document.Split(text, limits)
			for _, part := range parts {
				pieces = append(pieces, piece{s.name, part})
			}
			if isEmptyList(text, parts) {
				all.findings = append(all.findings, azure.Empty(model.Place{File: s.name, Line: 1, Col: 1}))
			}
		}
	}
	all.add(l.read(pieces, l.reader())...)
	all.add(arm.outcomes()...)
	all.judgeFiles(sources)
	return all.cluster()
}

func (l Loader) reader() reader {
	if l.Namespace == "" {
		return reader{namespace: "default"}
	}
	return reader{namespace: l.Namespace}
}

func (l Loader) kubeVersion() (model.KubeVersion, error) {
	v, oldest, newest := l.KubeVersion, model.OldestKubeVersion(), model.NewestKubeVersion()
	if v != (model.KubeVersion{}) && (v.Compare(oldest) < 0 || v.Compare(newest) > 0) {
		return v, fmt.Errorf("the admission rules of Kubernetes %s are not modelled: want %s to %s", v, oldest, newest)
	}
	return v, nil
}

// piece is a part of a stream with the stream's name.
type piece struct {
	file string
	part *document.Part
}

// read reads the pieces on all processors. The outcomes are in the order of the
// pieces.
func (l Loader) read(pieces []piece, r reader) []outcome {
	outcomes := make([]outcome, len(pieces))
	var next atomic.Int64
	var done int
	var progress sync.Mutex
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(pieces)) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(pieces)); i = next.Add(1) - 1 {
				outcomes[i] = r.read(pieces[i])
				if l.Progress != nil && (i%64 == 0 || i == int64(len(pieces)-1)) {
					progress.Lock()
					done = max(done, int(i)+1)
					l.Progress(done, len(pieces))
					progress.Unlock()
				}
			}
		})
	}
	workers.Wait()
	return r.rereadMiscut(pieces, outcomes)
}

// rereadMiscut reads the lists anew, as wholes, of which some item was cut out
// wrongly.
func (r reader) rereadMiscut(pieces []piece, outcomes []outcome) []outcome {
	miscut := map[*document.Part]bool{}
	for i, o := range outcomes {
		if o.miscut {
			miscut[pieces[i].part.Whole] = true
		}
	}
	if len(miscut) == 0 {
		return outcomes
	}
	var corrected []outcome
	for i, o := range outcomes {
		whole := pieces[i].part.Whole
		reread, isMiscut := miscut[whole]
		switch {
		case whole == nil || !isMiscut:
			corrected = append(corrected, o)
		case reread:
			miscut[whole] = false
			corrected = append(corrected, r.read(piece{pieces[i].file, whole}))
		}
	}
	return corrected
}
