package app

import "testing"

func TestPasswordsOfADatabaseStayOutOfTheListOfProcesses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ database, address, secrets string }{
		{"postgres://olive@db.test/olive", "postgres://olive@db.test/olive", ""},
		{"postgres://olive:hid%40den@db.test:5433/olive?sslmode=verify-full", "postgres://olive@db.test:5433/olive?sslmode=verify-full", "password=hid@den\n"},
		{"postgresql://olive:a+b@one.test:1,two.test:2/olive?target_session_attrs=read-write", "postgresql://olive@one.test:1,two.test:2/olive?target_session_attrs=read-write", "password=a+b\n"},
		{"postgres:///olive?host=/run/my+dir&password=hidden&search_path=mine&pool_max_conns=3", "postgres:///olive?host=%2Frun%2Fmy%20dir", "password=hidden\n"},
		{"postgres://db.test/olive?sslpassword=hidden&sslcert=a.crt", "postgres://db.test/olive?sslcert=a.crt", "sslpassword=hidden\n"},
	} {
		if address, secrets := libpqAddress(c.database); address != c.address || secrets != c.secrets {
			t.Errorf("%s is\n%s and %q, want\n%s and %q", c.database, address, secrets, c.address, c.secrets)
		}
	}
}
