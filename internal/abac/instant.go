package abac

import (
	"cmp"
	"strings"
)

// instant is a point in time: seconds since the start of year 0 and the digits
// of the fraction, without zeros at the end.
type instant struct {
	seconds  int64
	fraction string
}

func (i instant) compare(j instant) int {
	return cmp.Or(cmp.Compare(i.seconds, j.seconds), strings.Compare(i.fraction, j.fraction))
}

// parseTime reads yyyy-mm-ddThh:mm:ss.mmmmmmmZ; the fraction may be left out,
// and an offset may stand for the Z (AZ33). This package knows no clock, and so
// not package time.
func parseTime(s string) (instant, bool) {
	r := digits{rest: s}
	year, month, day := r.number(4, 0, 9999), r.after('-', 1, 12), r.after('-', 1, 31)
	hour, minute, second := r.after('T', 0, 23), r.after(':', 0, 59), r.after(':', 0, 59)
	if r.bad || day > daysIn(year, month) {
		return instant{}, false
	}
	fraction, ok := r.fraction()
	offset, zoned := r.zone()
	if !ok || !zoned || r.rest != "" {
		return instant{}, false
	}
	seconds := (daysBefore(year, month, day)*24+hour)*3600 + minute*60 + second - offset*60
	return instant{seconds, fraction}, true
}

// digits reads numbers of fixed width off the front of a string.
type digits struct {
	rest string
	bad  bool
}

func (d *digits) number(width int, least, most int64) int64 {
	if d.bad = d.bad || len(d.rest) < width; d.bad {
		return 0
	}
	n := int64(0)
	for i := range width {
		c := d.rest[i]
		d.bad = d.bad || c < '0' || c > '9'
		n = n*10 + int64(c) - '0'
	}
	d.rest = d.rest[width:]
	d.bad = d.bad || n < least || n > most
	return n
}

// after reads a number of two digits that the separator goes before.
func (d *digits) after(separator byte, least, most int64) int64 {
	if d.bad = d.bad || d.rest == "" || d.rest[0] != separator; d.bad {
		return 0
	}
	d.rest = d.rest[1:]
	return d.number(2, least, most)
}

func (d *digits) fraction() (string, bool) {
	rest, ok := strings.CutPrefix(d.rest, ".")
	if !ok {
		return "", true
	}
	d.rest = strings.TrimLeft(rest, "0123456789")
	fraction := rest[:len(rest)-len(d.rest)]
	return strings.TrimRight(fraction, "0"), fraction != ""
}

// zone reads Z or an offset, in minutes.
func (d *digits) zone() (int64, bool) {
	sign := int64(1)
	switch {
	case strings.HasPrefix(d.rest, "Z"):
		d.rest = d.rest[1:]
		return 0, true
	case strings.HasPrefix(d.rest, "-"):
		sign = -1
	case !strings.HasPrefix(d.rest, "+"):
		return 0, false
	}
	hour, minute := d.after(d.rest[0], 0, 14), d.after(':', 0, 59)
	return sign * (hour*60 + minute), !d.bad
}

func leap(year int64) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

func daysIn(year, month int64) int64 {
	switch month {
	case 2:
		if leap(year) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	default:
		return 31
	}
}

// daysBefore counts the days from the start of year 0.
func daysBefore(year, month, day int64) int64 {
	days := year*365 + day - 1
	if year > 0 {
		days += (year-1)/4 - (year-1)/100 + (year-1)/400 + 1
	}
	for m := int64(1); m < month; m++ {
		days += daysIn(year, m)
	}
	return days
}
