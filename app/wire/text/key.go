package text

import "maru/app/wire/event"

// Key names a text of the catalogue.
type Key uint16

// The keys. What {0}, {1} … stand for is said where it isn't plain.
const (
	AppName Key = iota
	AppSub
	AppDescription
	TitleRoom // {0} room
	NoScript
	Loading
	LoadFailed
	LoadUnsupported
	LoadStatus // {0} the status of HTTP
	LoadOffline
	LoadStopped
	LoadAgain

	AdminWelcome // {0} room
	AdminCame    // {0} name
	AdminWent    // {0} name
	AdminConnected
	AdminEcho // {0} what was sent

	JoinIntro
	JoinNoSignUp
	JoinName
	JoinRoom
	JoinRoomHint
	JoinRoomNew
	JoinRoomPeople // {0} count
	JoinRoomNobody
	JoinRoomLast // {0} when
	JoinEnter
	JoinEntering
	JoinWaiting
	JoinRecent
	JoinLost
	JoinShared
	ShortcutRecent
	ShortcutUnread
	LangSwitch
	AgoNow
	AgoMinutes // {0} count
	AgoYesterday

	Rooms
	RoomList
	RoomNew
	RoomSwitch
	RoomFind
	RoomOpen // {0} room
	RoomRecent
	RoomDraft
	RoomMuted
	RoomKept
	RoomLeave
	LeaveUnsent // {0} count
	LeaveAnyway
	Cancel
	RoomInvite
	Invite
	InviteByCode
	InviteCode // {0} room
	InviteShare
	InviteText // {0} room
	RoomInvited
	RoomInviteFailed
	People
	PeopleOnline // {0} count
	PeopleCount  // {0} count
	PeopleMore   // {0} count
	You
	Close
	Install
	InstallHint

	AppleShare
	AppleAdd

	Settings
	NameHint
	NameSet
	NameChanged
	Theme
	ThemeAuto
	ThemeLight
	ThemeDark
	TextSize
	TextSmall
	TextNormal
	TextLarge
	TextHuge
	Motion
	MotionAuto
	MotionLess
	EnterKey
	EnterSends
	EnterBreaks
	Speak
	LevelAll
	LevelMentions
	LevelNone
	Notify
	NotifyOn
	NotifyOff
	NotifyDenied
	NotifyNever
	NotifyAllow
	NotifyLater
	NotifyAsk
	NotifySaid // {0} name, {1} text
	Forget
	ForgetWhy
	ForgetAnyway

	LinkConnecting
	LinkOnline
	LinkOnlineRTT // {0} ms
	LinkWaiting
	BannerLost
	BannerIn // {0} seconds
	BannerNow
	BannerConnect
	BannerBack
	BannerTaken
	BannerRename

	LogLabel // {0} room
	LogLatest
	LogNew // {0} count
	LogUnread
	LogUnreadAbove // {0} count
	LogReadAll
	Mentions // {0} count
	LogEmpty
	LogQuiet
	LogGap // {0} count
	LogGapLoad
	LogOlder
	LogReset
	LogManyCame // {1} name, {0} how many others
	LogManyWent // {1} name, {0} how many others
	LogManyBoth // {0} how many came, {1} how many left
	LogSaid     // {0} name, {1} time, {2} text

	Search
	SearchIn // {0} room
	SearchEverywhere
	SearchAll
	SearchHits
	SearchCount // {0} count
	SearchOver  // {0} count
	SearchNone
	SearchMeant // {0} text
	SearchBusy
	SearchTips
	SearchLocal

	Devices
	DevicesHow
	DevicesSecret // {0} minutes
	DevicesCode
	DevicesNew
	DevicesMaking
	ArriveTitle
	ArriveWho // {0} name
	ArriveWhat
	ArriveYes
	ArriveBusy
	ArriveUnsent

	Message
	MessageTo // {0} room
	Send
	Sending
	SendWhenBack
	SendFailed
	SpokenFailed
	SendAgain
	SendDiscard
	Actions
	React
	Reacted // {0} count, {1} emoji
	Copy
	CopyLink
	TextOver // {0} most, {1} how many too many
	Reply
	ReplyTo      // {0} name
	ReplyToOther // a message that is not here
	Edit
	Edited
	Editing
	Delete
	DeleteSure
	Deleted
	Emoji
	EmojiRecent
	EmojiFaces
	EmojiHands
	EmojiHearts
	EmojiLife
	EmojiThings
	CallWhom
	TypingOne  // {0} name
	TypingMany // {1} name, {0} how many others
	HintEnter
	HintNewline
	HintSend
	HintBreak

	UpdateReady
	UpdateReload
	UpdateLater

	Connection
	ConnectionLink // {0} the state
	ConnectionBack
	ConnectionNow
	Transport
	RoundTrip
	Session
	SessionSince      // {0} time
	SessionReconnects // {0} count
	SessionMissed     // {0} count
	Server
	ServerVersion // {0} version
	ServerStore   // {0} name

	Milliseconds // {0} number
	Seconds      // {0} number
	PlotTitle
	PlotFrom
	PlotNow
	PlotFigures // {0} shortest, {1} median, {2} longest
	PlotNone
	PlotOutages // {0} count, {1} how long in all
	PlotOutage
	PlotNoOutage
	PlotHint

	Ways
	Way
	WayWebSocket
	WayLongPolling
	WayShortPolling // {0} seconds
	WayState
	WayRoundTrip
	WayDelay
	WayRequests
	WayWorks
	WayFails
	WayTrying
	WayChecked
	WayAgain
	WayComputed // {0} figure
	WaysHint
	WaysComputed

	WhyUnreachable
	WhyTimeout
	WhyForbidden
	WhyLost
	WhyStatus // {0} the status of HTTP
	WhyAnswer

	ReportCopy
	CopyFailed
	ReportHint
	ReportTime
	ReportBrowser
	ReportLanguage
	ReportLast // {0} sum

	RefusedBadRequest
	RefusedUnknownEvent
	RefusedNameEmpty
	RefusedNameTooLong
	RefusedNameInvalid
	RefusedNameReserved
	RefusedNameTaken
	RefusedRoomEmpty
	RefusedRoomTooLong
	RefusedRoomInvalid
	RefusedTextEmpty
	RefusedTextTooLong
	RefusedNotYours
	RefusedGone
	RefusedEmojiInvalid
	RefusedTooManyEmoji
	RefusedNotJoined
	RefusedTooManyRooms
	RefusedPassInvalid
	RefusedConflict
	RefusedRateLimited
	RefusedUnavailable
	RefusedInternal

	keys
)

// refusals gives every code its text.
var refusals = map[event.Code]Key{
	event.BadRequest:   RefusedBadRequest,
	event.UnknownEvent: RefusedUnknownEvent,
	event.NameEmpty:    RefusedNameEmpty,
	event.NameTooLong:  RefusedNameTooLong,
	event.NameInvalid:  RefusedNameInvalid,
	event.NameReserved: RefusedNameReserved,
	event.NameTaken:    RefusedNameTaken,
	event.RoomEmpty:    RefusedRoomEmpty,
	event.RoomTooLong:  RefusedRoomTooLong,
	event.RoomInvalid:  RefusedRoomInvalid,
	event.TextEmpty:    RefusedTextEmpty,
	event.TextTooLong:  RefusedTextTooLong,
	event.NotYours:     RefusedNotYours,
	event.Gone:         RefusedGone,
	event.EmojiInvalid: RefusedEmojiInvalid,
	event.TooManyEmoji: RefusedTooManyEmoji,
	event.NotJoined:    RefusedNotJoined,
	event.TooManyRooms: RefusedTooManyRooms,
	event.PassInvalid:  RefusedPassInvalid,
	event.Conflict:     RefusedConflict,
	event.RateLimited:  RefusedRateLimited,
	event.Unavailable:  RefusedUnavailable,
	event.Internal:     RefusedInternal,
}
