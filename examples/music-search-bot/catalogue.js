/**
 * A catalogue of music that nobody has played: every track, artist and album is invented.
 * @typedef {object} Track
 * @property {string} id
 * @property {string} title
 * @property {string} artist
 * @property {string} album
 * @property {number} year
 * @property {string} length minutes and seconds
 */

/** @type {readonly (readonly [title: string, artist: string, album: string, year: number, length: string])[]} */
const ROWS = [
  ['River Without a Name', 'Halden Quartet', 'Low Water', 2011, '4:12'],
  ['Low Water', 'Halden Quartet', 'Low Water', 2011, '6:40'],
  ['Ferry at Six', 'Halden Quartet', 'Low Water', 2011, '3:05'],
  ['The Lamp Room', 'Ines Orrell', 'Small Hours', 2018, '3:48'],
  ['Small Hours', 'Ines Orrell', 'Small Hours', 2018, '5:21'],
  ['Letter to a Lighthouse', 'Ines Orrell', 'Small Hours', 2018, '4:02'],
  ['Paper Orchard', 'The Tin Almanac', 'Orchard Songs', 2004, '2:57'],
  ['Apples in November', 'The Tin Almanac', 'Orchard Songs', 2004, '3:33'],
  ['Ladder Song', 'The Tin Almanac', 'Orchard Songs', 2004, '2:41'],
  ['Night Bus Home', 'Kettle & Crane', 'Timetables', 2020, '3:59'],
  ['Platform Nine Quarters', 'Kettle & Crane', 'Timetables', 2020, '4:26'],
  ['Delay', 'Kettle & Crane', 'Timetables', 2020, '1:58'],
  ['Granite', 'Mara Vell', 'Hill Country', 1997, '5:05'],
  ['Sheep May Not', 'Mara Vell', 'Hill Country', 1997, '3:14'],
  ['Snow on the Pass', 'Mara Vell', 'Hill Country', 1997, '6:10'],
  ['Copper Wire', 'Ostrava Radio', 'Short Wave', 1983, '3:22'],
  ['Numbers at Midnight', 'Ostrava Radio', 'Short Wave', 1983, '4:44'],
  ['Static, Sweet Static', 'Ostrava Radio', 'Short Wave', 1983, '2:36'],
  ['Été à Brume', 'Lise Carvel', 'Brume', 2015, '3:51'],
  ['La rivière dort', 'Lise Carvel', 'Brume', 2015, '4:37'],
  ['Café du Quai', 'Lise Carvel', 'Brume', 2015, '2:49'],
  ['Zweite Heimat', 'Jonas Aarfeld', 'Türen', 2009, '4:08'],
  ['Türen', 'Jonas Aarfeld', 'Türen', 2009, '5:55'],
  ['Brücke im Regen', 'Jonas Aarfeld', 'Türen', 2009, '3:30'],
  ['Salt Road', 'Amadi Trio', 'Caravan Minutes', 2013, '7:02'],
  ['Caravan Minutes', 'Amadi Trio', 'Caravan Minutes', 2013, '8:18'],
  ['Well of Stars', 'Amadi Trio', 'Caravan Minutes', 2013, '5:47'],
  ['Second Best Umbrella', 'Pim Hollow', 'Weather Permitting', 2022, '2:55'],
  ['Weather Permitting', 'Pim Hollow', 'Weather Permitting', 2022, '3:19'],
  ['Puddle Waltz', 'Pim Hollow', 'Weather Permitting', 2022, '3:03'],
  ['Elevator Hymn', 'Choir of the Third Floor', 'Going Up', 2001, '4:50'],
  ['Going Up', 'Choir of the Third Floor', 'Going Up', 2001, '2:22'],
  ['Mind the River', 'Choir of the Third Floor', 'Going Up', 2001, '3:41'],
  ['Old Engine', 'Brass Tacks', 'Workshop', 1979, '3:58'],
  ['Workshop', 'Brass Tacks', 'Workshop', 1979, '4:15'],
  ['Sparks', 'Brass Tacks', 'Workshop', 1979, '2:30'],
]

/** @type {readonly Track[]} */
const TRACKS = ROWS.map(([title, artist, album, year, length], at) => ({
  ...{ id: `track-${at + 1}`, title, artist, album, year, length },
}))

/** Without case and accents: `ete` finds `Été`. @param {string} text */
const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

const INDEX = TRACKS.map((track) => ({
  track,
  title: plain(track.title),
  all: plain(`${track.title} ${track.artist} ${track.album} ${track.year}`),
}))

/**
 * Tracks that have all the words, those whose titles begin with them first.
 * @param {string} text
 * @param {number} limit
 */
export const find = (text, limit) => {
  const words = plain(text)
    .split(/\s+/)
    .filter((word) => word !== '')
  const hits = INDEX.filter(({ all }) => words.every((word) => all.includes(word)))
  const isFirst = ({ title = '' }) => Number(title.startsWith(words.join(' ')))
  return hits
    .toSorted((one, other) => isFirst(other) - isFirst(one))
    .slice(0, limit)
    .map(({ track }) => track)
}

/** @param {Track} track */
export const told = ({ title, artist, album, year, length }) => `${title}, by ${artist} (${album}, ${year}, ${length})`
