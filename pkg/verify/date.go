package verify

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
)

// Date is a day of the calendar. The zero Date is none. Dates are comparable.
type Date struct{ Year, Month, Day int }

var isoDate = regexp.MustCompile(`^([0-9]{4})-([0-9]{2})-([0-9]{2})$`)

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	m := isoDate.FindStringSubmatch(s)
	if m == nil {
		return Date{}, fmt.Errorf("%q is no date: want YYYY-MM-DD", s)
	}
	var n [3]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1]) // digits only
	}
	d := Date{n[0], n[1], n[2]}
	if d.Year == 0 || d.Month < 1 || d.Month > 12 || d.Day < 1 || d.Day > d.daysOfMonth() {
		return Date{}, fmt.Errorf("%q is no date: the calendar has no such day", s)
	}
	return d, nil
}

func (d Date) daysOfMonth() int {
	switch d.Month {
	case 2:
		if d.Year%4 == 0 && (d.Year%100 != 0 || d.Year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// IsZero reports whether it is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Compare orders dates, the earliest first.
func (d Date) Compare(e Date) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// String returns YYYY-MM-DD, and nothing for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// MarshalText writes the date as String does.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the date as ParseDate does.
func (d *Date) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDate(string(text))
	return err
}
