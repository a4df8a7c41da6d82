package embedded

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestEx3(t *testing.T) {
	lib, err := load(so)
	if err != nil {
		t.Fatal(err)
	}
	if d := os.Getenv("EXDIR"); d != "" {
		fmt.Fprintln(os.Stderr, "child open", d)
		h := lib.open([]string{"--path=" + d})
		fmt.Fprintln(os.Stderr, "child got", h)
		return
	}
	dir := t.TempDir()
	flags := []string{"--path=" + dir}
	flags = append(flags, strings.Fields(os.Getenv("FLAGS"))...)
	h := lib.open(flags)
	c := *h
	fmt.Println(q(lib, c, "select timezone(), serverTimezone(), toTypeName(now()), now()"))
	fmt.Println(q(lib, c, "select name,value from system.server_settings where changed"))
	q(lib, c, "create database d")
	q(lib, c, "create table d.t (a UInt64) engine=MergeTree order by a")
	child := func(d string) {
		cmd := exec.Command(os.Args[0], "-test.run=Ex3")
		cmd.Env = append(os.Environ(), "EXDIR="+d)
		o, e := cmd.CombinedOutput()
		fmt.Println("CHILD", string(o[:min(len(o), 1500)]), e)
	}
	child(dir)
	// insert kill visible?
	h2 := lib.open(append(flags, "--log_comment=abc"))
	sql := []byte("insert into d.t")
	f := []byte("TSV")
	ins := lib.insert(*h2, &sql[0], uintptr(len(sql)), &f[0], 3)
	fmt.Println(text(lib.insertError(ins)))
	d := []byte("1\n2\n")
	fmt.Println(lib.insertAppend(ins, &d[0], 4))
	time.Sleep(100 * time.Millisecond)
	fmt.Println("PROC", q(lib, c, "select query, Settings['log_comment'] from system.processes"))
	fmt.Println("KILL", q(lib, c, "kill query where Settings['log_comment']='abc' async"))
	time.Sleep(100 * time.Millisecond)
	fmt.Println(lib.insertAppend(ins, &d[0], 4), text(lib.insertError(ins)))
	r := lib.insertDone(ins)
	fmt.Println(text(lib.resultError(r)))
	lib.insertDestroy(ins)
	fmt.Println(q(lib, *h2, "select count() from d.t"))
	// materialized errors mid
	s := statement{sql: "select number, throwIf(number=3000000,'boom') from numbers(10000000) settings max_block_size=65536", format: "Native"}.call(lib.stream, *h2)
	fmt.Println("streaminit", text(lib.resultError(s)))
	for i := 0; ; i++ {
		r := lib.fetch(*h2, s)
		n, e := lib.resultLength(r), text(lib.resultError(r))
		lib.destroy(r)
		if n == 0 {
			fmt.Println("chunks", i, e)
			break
		}
	}
	lib.destroy(s)
	s = statement{sql: "select nosuch", format: "Native"}.call(lib.stream, *h2)
	fmt.Println("streaminit", text(lib.resultError(s)))
	lib.destroy(s)
	fmt.Println(q(lib, *h2, "select 5"))
	fmt.Println("NF", q(lib, c, "use nosuchdb"))
	fmt.Printf("params %q\n", func() string {
		r := statement{sql: "select {a:String}, {b:Array(String)}", format: "JSONCompactEachRow", params: map[string]string{"a": "x\x00y\n\t\\ '\"", "b": "['a\\'b','c']"}}.call(lib.query, c)
		return text(lib.resultError(r)) + string(lib.data(r))
	}())
	lib.closeConn(h2)
	lib.closeConn(h)
	bad := t.TempDir()
	os.MkdirAll(bad+"/metadata", 0o755)
	os.WriteFile(bad+"/metadata/x.sql", []byte("GARBAGE"), 0o644)
	child(bad)
	os.Chmod(bad, 0o500)
	bad2 := t.TempDir()
	os.WriteFile(bad2+"/status", nil, 0)
	os.WriteFile(bad2+"/store", nil, 0)
	child(bad2)
	child("/proc/nosuch")
}
