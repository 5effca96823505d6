/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/weak_words.h"

/* English words, names, words of telephony, rows of a keyboard: what people take for a password. */
const char *const conf_weak_words[26] = {
	" abcabc abcdef abcdefgh about above abuse accept access account action active actor adam address"
	" admin administrator adult advance advice africa after again agent agree airport alarm albert album"
	" alert alex alexander alfred alice alien allstar alpha always amanda amateur amazing america amiga"
	" amsterdam analog andrea andreas andrew android angel angela angle anna anne answer antenna anthony"
	" anton anyone apache apollo apple april archer area arena argentina army around arrow arsenal arthur"
	" article artist asdf asdfgh asdfghjkl asdfjkl asterisk asterisknow athens atlanta atlas attack audio"
	" august aurora austin australia austria autumn avenue award awesome azerty ",
	" baby bachelor backup bacon badger baker balance ball banana band bank banner barbara barcelona"
	" barney base baseball basket basketball batman battery battle beach beacon beagle bear beast beatles"
	" beauty because becker beer before belgium believe bella benjamin bentley berlin bernard beta betty"
	" bible bicycle bigdog billing billy bingo bird birthday biscuit bishop black blackbird blade blank"
	" blazer blessed blink block blood blossom blue bluebird board boat bobby bond bonnie book booster"
	" boots boris bosch boss boston bottle boulder bowling boxer brain branch brand brandon brasil brave"
	" brazil bread breakfast breeze brian bridge bright bristol britain broadband broken bronco brother"
	" brown bruce brush brussels buddy budget buffalo builder building bulldog bullet bundle bunny burger"
	" business buster butter butterfly button ",
	" cable cactus caesar california callback caller camera cameron camp campus canada candle candy"
	" cannon canon captain caramel carbon card cards carl carlos carmen carol caroline carpet carrier"
	" carter casino cassie castle casual catch catherine cellular center central century chairman"
	" challenge champion chance change changeit changeme channel chapter charles charlie charlotte chase"
	" cheese chelsea cherry chess chester chicago chicken chief children chile china chocolate choice"
	" chris christian christina christine christmas chrome church cinema circle cisco citrus city clara"
	" clark class classic claudia clean clear client climber clinic clock cloud clover club cobra coconut"
	" codec coffee coke cold colin college colombia color colour columbia comet comfort commander common"
	" company compaq complete computer concert concord condor conference config connect connection consul"
	" contact control cookie cool cooper copper cord corner corona correct cosmos cottage cotton counter"
	" country courage cowboy cozy cradle craft crazy cream creative credit cricket cristina critical"
	" crocodile crystal cuba current customer cyber cyclone ",
	" daddy daemon daisy dakota dallas dance dancer danger daniel daniela dark darling data database"
	" david dealer death debian debug december deep default defender delivery delta demo denmark dennis"
	" denver deputy desert design desire desk desktop destiny detroit device devil dexter dialer dialplan"
	" dialtone diamond diana diesel digger digital dinner direct director disco discovery disney divine"
	" doctor dollar dolphin domain dominic donald donkey door dorothy double doughnut dragon dragonfly"
	" dream dreamer drive driver drummer dublin duchess duncan durable dynamic dynamo ",
	" eagle early earth east easter easy echo eclipse edward effect electric electronic elefant elegant"
	" element elephant eleven elizabeth ellen elvis email emergency emily emma emperor empire empty"
	" energy engine engineer england english enigma enter enterprise eric error escort esther eternal"
	" europe evening event ever everest every everyone evolution example excellent exchange execute exit"
	" expert explorer express extension extreme ",
	" fabian factory faith falcon family famous fantasy farmer fashion fast father favorite feather"
	" february felix female fender ferrari festival fiction field fiesta fighter figure filter final"
	" finance finger finish finland fire firebird firefox fireman first fish fisher fishing flame"
	" flamingo flash flight flipper float flood florian florida flower flying folder follow football"
	" forest forever forget formula fortune forum forward fountain fox france francis francisco frank"
	" frankfurt franklin fred freddy frederic free freedom freeman freepbx french friday friend friends"
	" frog front frosty frozen fruit fusion future ",
	" gabriel galaxy gamer games gandalf garage garden garfield garlic garnet gateway gemini general"
	" genesis geneva genius gentle george georgia gerald gerard german germany ghost giant gibson ginger"
	" gizmo glass global gloria goal golden goldfish golf goliath gonzalez good google gorilla government"
	" grace graham grand grandma granite grant grape grass gravity great greece green greg gregory"
	" griffin group guard guardian guest guide guinness guitar gunner gustav ",
	" hacker hallo halloween hamburg hamilton hammer hamster handball handset handsome handy hannah"
	" hannover happy harbor hardware harley harmony harold harris harrison harry hartmann harvard harvest"
	" hawaii hawk hawkeye hazel heart heather heaven hector helen helena helicopter hello helmut help"
	" helpdesk henry herbert hercules hermann hero hidden highland highway history hobbit hockey holiday"
	" holland hollywood holmes home homer honda honest honey hoover hope horizon hornet horse hospital"
	" hotel hotline house houston howard hubert huge human hummer hundred hungary hunter hunting"
	" hurricane hybrid ",
	" iaxphone iaxtrunk iaxuser icecream iceland iguana image impact imperial include india indian"
	" indiana indigo infinity info inside insider install instant intel intercom internal internet"
	" invisible ireland iris isabel island israel italia italy ",
	" jackie jackson jacob jaguar jamaica james jamie january japan jasmine jason jasper jazz jeffrey"
	" jennifer jenny jeremy jerry jersey jessica jester jimmy joanna joerg johann john johnny johnson"
	" joker jonas jonathan jordan joseph joshua journal journey juan judith juergen julia julian julie"
	" july jungle junior jupiter justice justin ",
	" kaiser kansas karate karen karin karl karma katharina katie kawasaki keeper keith kennedy kenneth"
	" kermit kernel kevin keyboard keystone khalid kidney killer kimberly king kingdom kingston kitchen"
	" kitten klaus knight kodak kristina kurt ",
	" label laboratory ladder ladybug lakers lambda lancer landline language laptop large larry laser"
	" lasvegas laura lauren lawrence lawyer leader league legend leipzig lemon leonardo leopard leslie"
	" letmein letter level lexus liberty library license life light lightning limited lincoln linda line"
	" link lion lisa lithium little liverpool lizard local lock logger logic login logitech london lonely"
	" long looking lorenzo lothar louis louise love lovely lover loverboy lucas lucky lucy ludwig lunch"
	" luther ",
	" mac machine madison madonna madrid magazine magic magnet magnum mailbox main maintenance major"
	" malcolm mallory manager mandarin mango manuel maple marble marcel marco marcus maria marina marine"
	" mario marion market markus marlboro marshall martha martin martina marvin mary massive master"
	" masterkey match matrix matthew matthias maurice maverick maximum maxwell mayday mega melanie"
	" melissa melody member memory mental mercedes mercury merlin messenger metal metallic mexico miami"
	" michael michaela michelle michigan mickey microsoft midnight mike milano millenium miller million"
	" minute miracle mirror mission mister mobile model modem modern moment monday money monica monitor"
	" monkey monkeys monster montana montreal moon moonlight morgan morning moscow mother motorola"
	" mountain mouse movie mozart muffin multimedia munich murphy music musician mustang mystery mystic ",
	" name nancy napoleon natalie natasha nathan national native natural nature nelson neptune network"
	" networks never newcastle newhouse newpass newport newton newyork nicholas nicole night nightmare"
	" nikita nimbus ninja nirvana nissan nobody nokia norbert norman north northern norway nothing nova"
	" november nuclear number nurse ",
	" oasis object ocean october octopus office officer oliver olivia olympia omega online open"
	" opensesame opera operator optical optimus option oracle orange orchard orchid oregon original"
	" orlando oscar otter outside oxford oxygen ",
	" pacific package packet page pager painter palace palermo palm pamela panama panasonic pancake panda"
	" pandora panic panther paper papillon paradise paradox parallel paris parker parrot partner party"
	" pascal pass passat passcode passion passme passphrase passport password passwort patch patricia"
	" patrick patriot paul paula paulus payment pbxadmin peace peach peanut pearl pebble pedro pelican"
	" pencil penguin people pepper percent perfect performance perry persian person personal peter"
	" peterpan phantom philip philips phoebe phoenix phone phones photo physics piano picasso pickle"
	" picture pilot pineapple pink pioneer pirate pizza planet plasma plastic platinum player please plus"
	" pluto pocket poetry pointer poison poland polar police policy polo pookie poppy porsche port portal"
	" portland portugal postman potato power powers prague prayer precious predator premium present"
	" president preston pretty primary prince princess printer priority prison private problem process"
	" producer professor profile program project promise prophet protect provider proxy prudence pstn"
	" public puffin pulsar pumpkin puppy purple puzzle pyramid python ",
	" qazwsx qazwsxedc qualify quality quantum quartz queen query quest quick quiet qwer qwerasdf qwert"
	" qwerty qwertyuiop qwertz qwertzuiop ",
	" rabbit rachel racing radar radio rafael raider rainbow ralph ramona random ranger raptor rapunzel"
	" raymond reader ready reality rebecca rebel reboot receiver reception record recovery redhat redhead"
	" regina register registration regular relay release remember remote renault repeater report request"
	" rescue reset restaurant retail return reverse revolution ricardo richard rider ring ringer river"
	" rivera robert roberto robin robinson robot rocket rocky roger roland roller romance romeo ronald"
	" ronaldo rooster root rosebud rosemary rotary route router royal rubber ruby rudolf runner russell"
	" russia ",
	" sabine sabrina safari safety sailing sailor saint sakura sales salmon salvador samantha sammy"
	" sample samson samsung samuel sandbox sandra sandwich santa santiago sapphire sarah satellite"
	" saturday saturn savage scarlet school science scooter scorpion scotland scott scout screen script"
	" search season seattle second secret secretary secure security select senator senior sensor"
	" september serena sergio serial server service sesame session setup seven shadow shaggy shalom shannon"
	" shark sharon sheila shelby shell shelter sheriff sherlock shield ship shirley shooter shop shopping"
	" short shoulder sidney siemens sierra signal silence silent silver simon simple simpson single sip"
	" sipphone siptrunk sipuser sister skater skipper skyline skywalker slayer sleepy slider smart smile"
	" smith smoke smokey smooth snake sniper snoopy snow snowball snowboard snowman soccer socket sofia"
	" softphone software solar soldier solomon solution something sonic sophia sophie soul sound source"
	" south southern spain spanish spare spark sparky speaker special speed spencer spider spiderman"
	" spirit splash sponge spooky sport spring springer square squirrel stadium staff standard star"
	" stardust stargate start startrek starwars state station status stefan stella stephanie stephen"
	" steve steven stewart sting stingray stone storage store storm stranger strawberry street strike"
	" strong student studio subaru submarine success sugar suite summer sunday sunflower sunlight sunny"
	" sunrise sunset sunshine super superman supervisor support surfer susan suzuki sweden sweet swimming"
	" switch switchboard swordfish sydney sylvia symbol symphony sysadmin system ",
	" table tango target tasty tattoo taylor teacher team technical telco telecom telefon telefone"
	" telephone telephony television telnet temp temporary tennis tequila teresa terminal terminator"
	" terror tester testing texas thailand thank thanks theater theodor theresa thing thirteen thomas"
	" thompson thor thousand thunder thursday tiffany tiger tigger timber time timothy titan titanic"
	" toaster tobias together tokyo tollgate tomato tommy tomorrow tony tornado toronto tortoise total"
	" touch toyota tracy trade traffic trailer train transfer travel traveler treasure tree trevor"
	" triangle tribal trinity triple triton trixbox trouble trumpet trunk trust truth tucker tuesday"
	" tunnel turbo turkey turtle tweety twelve twenty twilight twister twitter ",
	" ubuntu ultimate ultra umbrella uncle underground undertaker unicorn union united universal universe"
	" university unix unknown unlimited upgrade uptime uranus user username utility ",
	" vacation valentin valentina valley value vampire vanessa vanilla vector vegas vegeta vehicle velvet"
	" vendor venice venus verona veronica version victor victoria victory video vienna viking village"
	" vincent violet violin viper virgin virginia virtual vision visitor vista vodafone voice voicemail"
	" voip volcano volker volley volvo voyager ",
	" walker wallace walter warcraft warehouse warning warrior washington watcher water waterfall watson"
	" weather webcam webmaster website wedding wednesday weekend welcome wendy werewolf werner western"
	" whatever whisky whisper white wildcat wilhelm william williams willow wilson window windows winner"
	" winnie winston winter wireless wisdom wizard wolf wolfgang wolverine woman wonder woodland workshop"
	" world worship wrestling writer ",
	" xavier ",
	" yamaha yankees yellow yellowstone yesterday yosemite young yvonne yxcvbnm ",
	" zaqwsx zebra zenith zeppelin zero zombie zurich zxcv zxcvb zxcvbn zxcvbnm ",
};
