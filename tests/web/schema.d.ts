// What the API answers and takes, made from its OpenAPI document: `python -m tests.web.schema`.

declare namespace Schema {
  type AccessView = {
    standing: "ok" | "not_shared" | "view_only" | "gone" | "refused" | "away";
    sentence: string;
    account: string;
  };
  type AnswerColumnView = {
    name: string;
    kind: AnswerKind;
    allowed: Array<string>;
  };
  type AnswerKind = "choice" | "text" | "number" | "date" | "time";
  type ApprovalList = {
    approvals: Array<ApprovedView>;
  };
  type ApprovedView = {
    who: string;
    count: number;
    last_at: string;
  };
  type Arrival = {
    identity_token: string;
    spreadsheet_id: string;
    sheet_id: number;
  };
  type Belongs = {
    key: string;
  };
  type BenchState = {
    able: boolean;
    filters: Array<Showing>;
    undo: string;
  };
  type Bounds = {
    sure_at: number | null;
    most_tokens: number | null;
    most_cost: number | null;
  };
  type Bucket = {
    at: string;
    sent: number;
    answered: number;
  };
  type CampaignList = {
    campaigns: Array<CampaignView>;
    version: string;
    unchanged: boolean;
  };
  type CampaignState = "planned" | "drafting" | "drafted" | "sending" | "paused" | "done" | "cancelled";
  type CampaignView = {
    id: string;
    name: string;
    workbook: string;
    sheet: string;
    instruction: string;
    state: CampaignState;
    plan: PlanView;
    columns: Record<string, string>;
    choice: string;
    choice_parts: Array<ChoicePart>;
    faults: Array<Fault>;
    rows: number;
    chosen: number;
    trial: number;
    sure_at: number;
    drafted: number;
    approved: number;
    approvable: number;
    sent: number;
    counts: Array<Count>;
    reviews: number;
    needs_person: number;
    pending_cells: number;
    note: string;
    started_by: string;
    started_at: string | null;
    scheduled: string | null;
    time_zone: string;
    hours: string | null;
    at_column: string;
    progress: ProgressView | null;
    created_at: string;
    start_at: string | null;
    seconds_to_start: number | null;
    version: string;
  };
  type CellValueBody = {
    column: number;
    value: string;
  };
  type CellsBody = {
    workbook: string;
    sheet: string;
    cells: Array<PlacedValue>;
  };
  type ChannelName = "outbox" | "email" | "whatsapp" | "sms" | "voice";
  type ChannelView = {
    name: ChannelName;
    provider: string;
    ready: boolean;
    hint: string;
    sender: string;
  };
  type ChoicePart = {
    kind: "chosen" | "all" | "hidden" | "other" | "sent" | "no_address";
    count: number;
  };
  type ChoiceView = {
    code: string;
    title: string;
  };
  type Command = {
    keys: Array<string>;
    command: "Approved" | "Skip" | "Retry" | "Redraft" | "Sent" | "Remind";
  };
  type ConversationView = {
    key: string;
    message_id: string;
    person: string;
    address: string;
    status: Status | null;
    replied_at: string | null;
    settled_by: string;
    values: Record<string, string>;
    turns: Array<TurnView>;
    why: string;
    asks: boolean;
  };
  type Count = {
    status: Status;
    count: number;
  };
  type Done = {
    changed: number;
    sentence: string;
  };
  type DraftedQuestion = {
    text: string;
    subject: string;
    doubt: string;
  };
  type Dress = {
    version: string;
    looks: Array<LookView>;
  };
  type EstimateView = {
    messages: number;
    segments: number;
    unicode: number;
    odd: Array<OddView>;
    cost: string | null;
    currency: string;
    sentence: string;
  };
  type ExcelArrival = {
    access_token: string;
    document_url: string;
    worksheet_id: string;
  };
  type ExcelSession = {
    token: string;
    expires_in: number;
    who: string;
    workbook: string;
    sheet: string;
  };
  type FailedView = {
    count: number;
    keys: Array<string>;
    reasons: Array<ReasonView>;
  };
  type Fault = {
    kind: string;
    level: "block" | "ask" | "warn";
    sentence: string;
    count: number;
    rows: number;
    columns: Array<string>;
    of: number;
    cells: Array<FaultCell>;
  };
  type FaultCell = {
    key: string;
    column: string;
    row: number;
  };
  type FaultCells = {
    cells: Array<FaultCell>;
    total: number;
  };
  type FilterBody = {
    workbook: string;
    sheet: string;
    filters: Array<Showing>;
  };
  type Flag = "sure" | "check";
  type ForecastView = {
    going: number;
    staying: number;
    parts: Array<PartView>;
    no_time: Array<string>;
    past: number;
    only_times: number;
    only_days: number;
    day: string | null;
    rate_per_second: number | null;
    seconds: number;
    ends: string | null;
    left_today: number | null;
    zone: string;
    quiet: string;
    abroad: Array<ZoneView>;
    sentence: string;
  };
  type FoundRow = {
    key: string;
    person: string;
    address: string;
    at: number;
  };
  type FoundRows = {
    rows: Array<FoundRow>;
    total: number;
  };
  type GoogleProblem = {
    type: string;
    title: string;
    status: number;
    detail: string;
    field: string;
    suggestions: Array<string>;
    nonce: string;
    account: string;
    connect: string;
  };
  type GoogleSession = {
    token: string;
    expires_in: number;
    who: string;
    workbook: string;
    sheet: string;
    account: string;
    connect: string;
  };
  type Grid = {
    version: string;
    unchanged: boolean;
    columns: Array<GridColumn>;
    rows: Array<GridRow>;
    total: number;
    offset: number;
    warnings: Array<string>;
  };
  type GridCell = {
    shown: string;
    locked: boolean;
  };
  type GridColumn = {
    title: string;
    letter: string;
    ours: boolean;
    hidden: boolean;
  };
  type GridEdit = {
    workbook: string;
    sheet: string;
    version: string;
    position: number;
    column: number;
    value: string;
  };
  type GridRow = {
    position: number;
    key: string;
    hidden: boolean;
    cells: Array<GridCell>;
  };
  type Happened = "followed" | "withdrawn" | "blocked" | "bounced" | "failed" | "complained" | "opted_out" | "settled";
  type Health = {
    status: "ok" | "failing";
    checks: Record<string, string>;
  };
  type History = {
    entries: Array<HistoryEntry>;
  };
  type HistoryEntry = {
    at: string;
    who: string;
    what: string;
    why: string;
  };
  type InColumn = {
    workbook: string;
    sheet: string;
    column: string;
    among: "visible" | "all";
  };
  type Keys = {
    keys: Array<string> | null;
  };
  type Kind = "chosen" | "hidden" | "other" | "sent" | "no_address";
  type LeftOutList = {
    rows: Array<LeftOutRow>;
    total: number;
  };
  type LeftOutRow = {
    key: string;
    row: number;
    person: string;
    reason: string;
    column: string;
  };
  type LinkView = {
    name: string;
    url: string;
  };
  type Links = {
    links: Array<LinkView>;
  };
  type ListedTemplate = {
    name: string;
    language: string;
    body: string;
    columns: Record<string, string>;
    buttons: Array<string>;
    unfit: string;
  };
  type LookView = {
    title: string;
    note: string;
    choices: Array<string>;
    doubt: string;
    shades: Array<Shade>;
    width: number;
  };
  type MailAnswer = {
    text: string;
    automatic: boolean;
    button: number | null;
  };
  type MailItem = {
    id: string;
    to: string;
    person: string;
    subject: string;
    text: string;
    at: string;
    read: boolean;
    answers: Array<string>;
    channel: ChannelName;
    choices: Array<string>;
  };
  type Mailbox = {
    mails: Array<MailItem>;
    total: number;
  };
  type Meant = {
    keys: Array<string>;
    keyless: number;
    count: number;
    rows: Array<MeantRow>;
  };
  type MeantRow = {
    key: string;
    row: number;
    shown: string;
    value: string;
  };
  type MessageEdit = {
    text: string | null;
    subject: string | null;
  };
  type MessageList = {
    messages: Array<MessageView>;
    total: number;
  };
  type MessageView = {
    step: number;
    edited: boolean;
    remark: string;
    before: TextBefore | null;
    approved_by: string;
    approved_at: string | null;
    message_id: string;
    key: string;
    person: string;
    address: string;
    channel: ChannelName | null;
    carrier: string;
    template: string;
    files: string;
    copies: Array<string>;
    sms: SmsView | null;
    subject: string;
    text: string;
    status: Status | null;
    note: string;
    reply: string;
    outcome: Outcome | null;
    values: Record<string, string>;
    confidence: number | null;
    flag: Flag | null;
    evidence: string;
  };
  type ModelUse = {
    model: string;
    calls: number;
    input: number;
    cached: number;
    output: number;
    cost: string | null;
    most_tokens: number | null;
    most_cost: number | null;
    per_row: number;
    rest: number;
    sentence: string;
  };
  type NewCampaign = {
    workbook: string;
    sheet: string;
    instruction: string;
    template: string;
    subject: string;
    channel: ChannelName | null;
    provider: string;
    address_column: string;
    answers: Array<string>;
    rows: Array<string>;
    fallback: Array<string>;
    channel_column: string;
    attachment_column: string;
    cc_column: string;
    sender_column: string;
    reply_to_column: string;
    whatsapp_template: TemplateView | null;
    language: string;
    tone: string;
    counts: string;
    remind_after: number;
  };
  type OddView = {
    character: string;
    name: string;
    instead: string | null;
  };
  type Offered = {
    values: Array<OfferedValue>;
    total: number;
  };
  type OfferedValue = {
    value: string;
    count: number;
  };
  type Opened = {
    workbook: string;
    sheet: string;
    file_name: string;
    note: string;
  };
  type Outcome = "confirmed" | "declined" | "reschedule" | "answered" | "question" | "wrong_person" | "opt_out" | "automatic" | "unclear";
  type PartView = {
    at: string;
    count: number;
    reason: Why;
    until: string | null;
    keys: Array<string>;
  };
  type PlacedValue = {
    column: number;
    value: string;
    position: number;
    version: string;
  };
  type PlanEdit = {
    channel: ChannelName | null;
    provider: string | null;
    address_column: string | null;
    name_column: string | null;
    read_columns: Array<string> | null;
    answer_columns: Array<AnswerColumnView> | null;
    template: string | null;
    subject: string | null;
    question: string | null;
    routes: Array<RouteView> | null;
    channel_column: string | null;
    whatsapp_template: TemplateView | null;
    attachment_column: string | null;
    cc_column: string | null;
    sender_column: string | null;
    reply_to_column: string | null;
    tone: string | null;
    counts: string | null;
    remind_after: number | null;
    missing: Array<string> | null;
    held: Record<string, string> | null;
    language: string | null;
  };
  type PlanView = {
    channel: ChannelName;
    provider: string;
    address_column: string;
    name_column: string;
    read_columns: Array<string>;
    answer_columns: Array<AnswerColumnView>;
    template: string;
    subject: string;
    question: string;
    language: string;
    routes: Array<RouteView>;
    channel_column: string;
    whatsapp_template: TemplateView | null;
    attachment_column: string;
    cc_column: string;
    sender_column: string;
    reply_to_column: string;
    tone: string;
    counts: string;
    remind_after: number;
    missing: Array<string>;
    left_out: Array<string>;
    one_text: boolean;
    doubt: string;
    version: number;
    words: string;
  };
  type Preview = {
    channel: string;
    sender: string;
    to: string;
    copies: Array<string>;
    reply_to: string;
    choices: Array<ChoiceView>;
    pressed: boolean;
    unsubscribe: boolean;
  };
  type Problem = {
    type: string;
    title: string;
    status: number;
    detail: string;
    field: string;
    suggestions: Array<string>;
  };
  type ProgressView = {
    per_second: number | null;
    seconds_left: number | null;
    due: number;
    later: number;
    next_at: string | null;
  };
  type QuestionBack = {
    text: string;
    subject: string;
  };
  type ReachView = {
    sent: number;
    delivered: number;
    read: number;
    reminded: number;
    silent: number;
    resting: number;
    counts: Array<StatusCount>;
    unread_channels: Array<ChannelName>;
    undelivered_channels: Array<ChannelName>;
  };
  type ReadingView = {
    outcome: Outcome;
    values: Record<string, string>;
    confidence: number | null;
    flag: Flag;
    evidence: string;
    reason: string;
    made: string;
  };
  type Reason = {
    kind: string;
    words: string;
    amount: number;
    sentence: string;
  };
  type ReasonView = {
    reason: string;
    count: number;
  };
  type Redrafted = {
    changed: number;
    sentence: string;
    batch: string;
    one_text: boolean;
    column: string;
    value: string;
    edited: number;
    approved: number;
    unmet: number;
    fixed: number;
  };
  type RemarkOn = {
    keys: Array<string> | null;
    remark: string;
    edited: boolean;
  };
  type Remind = {
    keys: Array<string> | null;
    text: string | null;
  };
  type ReplyBody = {
    message_id: string;
    replied_at: string | null;
    text: string;
    subject: string;
  };
  type Retemplated = {
    changed: number;
    edited: number;
    sentence: string;
  };
  type ReviewItem = {
    message_id: string;
    key: string;
    person: string;
    asked: string;
    reply: string;
    channel: ChannelName | null;
    outcome: Outcome | null;
    values: Record<string, string>;
    confidence: number | null;
    evidence: string;
    reason: string;
    made: string;
    files: Array<string>;
    replied_at: string | null;
  };
  type ReviewList = {
    reviews: Array<ReviewItem>;
    unmatched: number;
  };
  type RouteView = {
    channel: ChannelName;
    provider: string;
    address_column: string;
  };
  type RowsBody = {
    workbook: string;
    sheet: string;
    add: Array<CellValueBody>;
    before: SeenRow | null;
    delete: Array<SeenRow>;
  };
  type SavedList = {
    saved: Array<SavedView>;
  };
  type SavedName = {
    name: string;
  };
  type SavedView = {
    id: string;
    name: string;
    instruction: string;
    template: string;
    subject: string;
    channel: ChannelName | null;
    provider: string;
    answers: Array<string>;
    language: string;
    tone: string;
    counts: string;
    remind_after: number;
    who: string;
    mine: boolean;
    here: boolean;
    since: string | null;
  };
  type SeenRow = {
    position: number;
    version: string;
  };
  type SendWish = {
    keys: Array<string> | null;
    at: string | null;
    at_column: string;
    at_day: string | null;
    at_time: string | null;
    hours: string | null;
  };
  type Session = {
    host: "desk" | "google" | "excel";
    workbook: string;
    sheet: string;
    sheets: Array<string>;
    file_name: string;
    channels: Array<ChannelView>;
    undo_seconds: number;
    time_zone: string;
    quiet_hours: string;
    offline_model: boolean;
    examples: Array<string>;
    who: string;
    may: Array<"edit" | "approve" | "send">;
  };
  type Settle = {
    outcome: Outcome;
    values: Record<string, string>;
    replied_at: string | null;
  };
  type Shade = {
    words: Array<string>;
    fill: string;
    ink: string;
  };
  type SheetPath = {
    workbook: string;
    sheet: string;
  };
  type Showing = {
    column: number;
    title: string;
    values: Array<string> | null;
    contains: string;
  };
  type SmsView = {
    encoding: string;
    segments: number;
    left: number;
    odd: Array<OddView>;
    cost: string | null;
    currency: string;
  };
  type Sort = {
    workbook: string;
    sheet: string;
    column: number;
    title: string;
    descending: boolean;
  };
  type Stage = "sent" | "delivered" | "read" | "reminded" | "silent" | "resting";
  type Status = "Draft" | "Check draft" | "Approved" | "Sending" | "Sent" | "Delivered" | "Read" | "Confirmed" | "Declined" | "Answered" | "Review" | "Away" | "No answer" | "No address" | "Duplicate" | "Skipped" | "Changed" | "Bounced" | "Failed" | "Opted out" | "In doubt" | "Cancelled";
  type StatusCount = {
    status: Status | null;
    count: number;
  };
  type StepBack = {
    keys: Array<string> | null;
    batch: string;
  };
  type TemplateList = {
    templates: Array<ListedTemplate>;
  };
  type TemplateView = {
    name: string;
    language: string;
    body: string;
    columns: Record<string, string>;
    buttons: Array<string>;
  };
  type Test = "is" | "is_not" | "contains" | "empty" | "filled" | "before" | "after" | "less" | "more";
  type TestMessage = {
    address: string;
    key: string;
  };
  type TextBefore = {
    text: string;
    subject: string;
  };
  type TextToWeigh = {
    text: string;
  };
  type TextWay = {
    way: "one" | "each";
  };
  type TimelineView = {
    from: string | null;
    to: string | null;
    unit: "minute" | "hour" | "day";
    buckets: Array<Bucket>;
  };
  type ToDraft = {
    keys: Array<string> | null;
    first: number | null;
  };
  type TurnView = {
    kind: "sent" | "came" | "told";
    at: string | null;
    id: string;
    step: number;
    text: string;
    quoted: string;
    subject: string;
    channel: ChannelName | null;
    carrier: string;
    status: Status | null;
    note: string;
    approved_by: string;
    approved_at: string | null;
    template: boolean;
    files: Array<string>;
    reading: ReadingView | null;
    what: Happened | null;
    who: string;
    words: string;
  };
  type Unlike = {
    rows: Array<UnlikeRow>;
    of: number;
  };
  type UnlikeRow = {
    key: string;
    person: string;
    reason: Reason;
  };
  type UnmatchedList = {
    replies: Array<UnmatchedReply>;
  };
  type UnmatchedReply = {
    id: string;
    sender: string;
    text: string;
    subject: string;
    channel: ChannelName;
    at: string;
    files: Array<string>;
    several: boolean;
  };
  type Upload = {
    file: string;
  };
  type ValueCount = {
    shown: string;
    count: number;
  };
  type Values = {
    values: Array<ValueCount>;
    total: number;
  };
  type Where = {
    workbook: string;
    sheet: string;
    column: string;
    among: "visible" | "all";
    test: Test;
    value: string;
  };
  type Why = "now" | "start" | "time" | "quiet" | "limit";
  type ZoneView = {
    zone: string;
    count: number;
    clock: string;
  };
}
