package redisstore

import "strconv"

// partitions is over how many hash tags rooms, notes and sessions are spread.
// In a Redis Cluster the keys of one partition lie on one node, so that one
// script may use them together. It never changes: stored keys depend on it.
const partitions = 64

// keys names keys and channels:
//
//	maru:{p7}:m:room	of a room
//	maru:{p7}:due		of a partition
//
// The braces are the hash tag of Redis Cluster, whose first pair counts: a
// room's name may have braces of its own.
type keys struct{ prefix string }

// part is the name of a key of partition p.
func (k keys) part(p int, name string) string {
	return k.prefix + ":{p" + strconv.Itoa(p) + "}:" + name
}

// of is the name of a key that belongs to name (a room, a note, a session), of
// a kind that says what it is.
func (k keys) of(name, kind string) string {
	return k.part(partition(name), kind+":"+name)
}

// partition is the partition of a name: its CRC-16 modulo partitions.
func partition(name string) int { return int(crc16(name) % partitions) }

// crc16 is CRC-16/XMODEM, as Redis Cluster uses it
// (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/, "Hash tags").
func crc16(s string) uint16 {
	var crc uint16
	for i := range len(s) {
		crc ^= uint16(s[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}
